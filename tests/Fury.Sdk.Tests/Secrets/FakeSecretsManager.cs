using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Fury.Sdk.Tests.Fakes;
using Fury.Testing.Aws;
using Microsoft.AspNetCore.Http;

namespace Fury.Sdk.Tests.Secrets;

/// <summary>A fake of AWS Secrets Manager, which looks at signatures. Not Secrets Manager itself.</summary>
public sealed partial class FakeSecretsManager : FakeService
{
    private const int ValueBytesMax = 65_536;
    private const int PageMax = 2;

    private readonly AwsIdentities _identities = new(TimeProvider.System);
    private readonly FakeVersions<(string? Text, string? Bytes)> _secrets = new(StringComparer.Ordinal);

    /// <summary>Of a route to it.</summary>
    public string Credential => $"env:{Variable("AWS_KEY")},{Variable("AWS_SECRET")}";

    /// <summary>Somebody else is always faster: what is not there when it is written to is there when it is made.</summary>
    public bool IsContended { get; set; }

    protected override void Begin()
    {
        var keys = _identities.User("fury");
        Environment.SetEnvironmentVariable(Variable("AWS_KEY"), keys.AccessKey);
        Environment.SetEnvironmentVariable(Variable("AWS_SECRET"), keys.Secret);
    }

    protected override async Task Answer(HttpContext context)
    {
        const string Type = "application/x-amz-json-1.1";
        try
        {
            var call = await AwsCall.Read(context);
            var caller = new AwsSignatures(_identities, TimeProvider.System).Check(call);
            if (caller.Service != "secretsmanager" || caller.Region != "us-east-1" || call.Method != "POST" || call.Path != "/"
                || call.Headers.GetValueOrDefault("content-type") != Type)
            {
                throw new AwsRefusal(403, "SignatureDoesNotMatch", "Credential should be scoped to the service and the region that are called.");
            }

            var answer = Do(call.Headers.GetValueOrDefault("x-amz-target", ""), JsonNode.Parse(call.Text)!.AsObject());
            await Write(context, 200, answer, Type);
        }
        catch (AwsRefusal refused)
        {
            await Write(context, refused.Status, new JsonObject { ["__type"] = refused.Code, ["message"] = refused.Message }, Type);
        }
    }

    [GeneratedRegex(@"^[a-zA-Z0-9/_+=.@-]{1,512}\z")]
    private static partial Regex Right { get; }

    private static AwsRefusal Missing => new(400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.");

    private static AwsRefusal Invalid(string message) => new(400, "ValidationException", message);

    private JsonObject Do(string target, JsonObject body) => target switch
    {
        "secretsmanager.GetSecretValue" => Get(Known(body, "SecretId", "VersionId", "VersionStage")),
        "secretsmanager.PutSecretValue" => Put($"{body["SecretId"]}", Known(body, "SecretId", "ClientRequestToken", "SecretString", "SecretBinary")),
        "secretsmanager.CreateSecret" => Create(Known(body, "Name", "ClientRequestToken", "SecretString", "SecretBinary", "Description")),
        "secretsmanager.ListSecrets" => List(Known(body, "MaxResults", "NextToken", "Filters")),
        _ => throw new AwsRefusal(400, "UnknownOperationException", target),
    };

    private static JsonObject Known(JsonObject body, params string[] known) =>
        body.Select(each => each.Key).FirstOrDefault(key => !known.Contains(key)) is { } unknown
            ? throw new AwsRefusal(400, "SerializationException", unknown)
            : body;

    private JsonObject Get(JsonObject body)
    {
        var (name, version) = ($"{body["SecretId"]}", body["VersionId"]?.GetValue<string>());
        if (version is { Length: < 32 or > 64 })
        {
            throw Invalid("VersionId must have 32 to 64 characters.");
        }

        var found = _secrets.Find(name, version) ?? throw Missing;
        var answer = Told(name, found);
        answer["CreatedDate"] = found.Created.ToUnixTimeMilliseconds() / 1000.0;
        _ = found.Kept.Text is { } text ? answer["SecretString"] = text : answer["SecretBinary"] = found.Kept.Bytes;
        return answer;
    }

    private JsonObject Put(string name, JsonObject body)
    {
        var (token, value) = (body["ClientRequestToken"]?.GetValue<string>() ?? "", Value(body));
        if (token.Length is < 32 or > 64)
        {
            throw Invalid("ClientRequestToken must have 32 to 64 characters.");
        }

        if (!_secrets.Has(name))
        {
            throw Missing;
        }

        return _secrets.Find(name, token) is not { } there ? Told(name, _secrets.Add(name, _ => token, value))
            : there.Kept == value ? Told(name, there)
            : throw new AwsRefusal(400, "ResourceExistsException", "You can't use a ClientRequestToken that is of another value.");
    }

    private JsonObject Create(JsonObject body)
    {
        var name = $"{body["Name"]}";
        if (!Right.IsMatch(name))
        {
            throw Invalid("Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!");
        }

        Value(body);
        return !IsContended && _secrets.Make(name)
            ? Put(name, body)
            : throw new AwsRefusal(400, "ResourceExistsException", $"The operation failed because the secret {name} already exists.");
    }

    private JsonObject List(JsonObject body)
    {
        var prefix = $"{body["Filters"]?[0]?["Values"]?[0]}";
        if (body["Filters"]?[0]?["Key"] is { } key && $"{key}" != "name")
        {
            throw Invalid($"This fake filters by name, not by {key}.");
        }

        var from = body["NextToken"] is { } token ? int.Parse($"{token}", CultureInfo.InvariantCulture) : 0;
        var all = _secrets.Names.Where(each => each.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)).ToList();
        var page = new JsonObject
        {
            ["SecretList"] = new JsonArray([.. all.Skip(from).Take(PageMax).Select(each => new JsonObject { ["Name"] = each, ["ARN"] = Arn(each) })]),
        };
        _ = from + PageMax < all.Count ? page["NextToken"] = $"{from + PageMax}" : null;
        return page;
    }

    private static JsonObject Told<T>(string name, FakeVersion<T> version) => new() { ["ARN"] = Arn(name), ["Name"] = name, ["VersionId"] = version.Id };

    private static string Arn(string name) => $"arn:aws:secretsmanager:us-east-1:{AwsIdentities.Account}:secret:{name}-AbCdEf";

    private static (string? Text, string? Bytes) Value(JsonObject body)
    {
        var value = (Text: body["SecretString"]?.GetValue<string>(), Bytes: body["SecretBinary"]?.GetValue<string>());
        var length = value.Text is { } text ? Encoding.UTF8.GetByteCount(text) : Convert.FromBase64String(value.Bytes ?? "").Length;
        return value.Text is null != value.Bytes is null && length is > 0 and <= ValueBytesMax
            ? value
            : throw new AwsRefusal(400, "InvalidParameterException", "A secret is a text or bytes, of 1 to 65536 bytes.");
    }
}
