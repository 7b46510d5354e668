using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Fury.Sdk.Tests.Fakes;
using Fury.Testing.Clouds.Azure;
using Microsoft.AspNetCore.Http;

namespace Fury.Sdk.Tests.Secrets;

/// <summary>A fake of a vault of Azure Key Vault, and of Entra, which gives the tokens for it. Not Key Vault itself.</summary>
public sealed partial class FakeKeyVault : FakeService
{
    private const int ValueMax = 25 * 1024;
    private const int PageMax = 2;

    private readonly AzureIdentities _identities = new(TimeProvider.System, "https://vault.azure.net/");

    /// <summary>A vault does not tell capitals from small letters.</summary>
    private readonly FakeVersions<(string Value, string? Type)> _secrets = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Of a route to it.</summary>
    public string Credential => $"env:{Variable("TENANT")},{Variable("CLIENT")},{Variable("ENTRA_SECRET")}";

    public int TokensGiven => _identities.Given;

    protected override void Begin()
    {
        Environment.SetEnvironmentVariable(Variable("TENANT"), AzureIdentities.Tenant);
        Environment.SetEnvironmentVariable(Variable("CLIENT"), AzureIdentities.Client);
        Environment.SetEnvironmentVariable(Variable("ENTRA_SECRET"), AzureIdentities.Secret);
        Environment.SetEnvironmentVariable("AZURE_AUTHORITY_HOST", Home.AbsoluteUri);
        Environment.SetEnvironmentVariable("AZURE_POD_IDENTITY_AUTHORITY_HOST", Home.AbsoluteUri);
    }

    protected override async Task Answer(HttpContext context)
    {
        if (await _identities.Answer(context.Request) is { } token)
        {
            await Write(context, token.Code, token.Body);
            return;
        }

        try
        {
            _identities.Check(context.Request);
            await Write(context, 200, await Call(context));
        }
        catch (AzureError refused)
        {
            await Write(context, refused.Status, refused.Body());
        }
    }

    [GeneratedRegex(@"^[0-9a-zA-Z-]{1,127}\z")]
    private static partial Regex Name { get; }

    private static AzureError Bad(string message) => new(400, "BadParameter", message);

    private async Task<JsonObject> Call(HttpContext context)
    {
        var query = context.Request.Query;
        if (query["api-version"] != "7.4" || query.Keys.Any(key => key is not ("api-version" or "maxresults" or "$skiptoken")))
        {
            throw Bad("The api-version is 7.4 here, and the query holds nothing else that is unknown.");
        }

        return (context.Request.Method, Segments(context)) switch
        {
            ("GET", ["secrets"]) => List(int.Parse($"{query["maxresults"]}", CultureInfo.InvariantCulture), $"{query["$skiptoken"]}"),
            ("PUT", ["secrets", var name]) => Set(name, await Body(context.Request)),
            ("GET", ["secrets", var name]) => Get(name, null),
            ("GET", ["secrets", var name, var version]) => Get(name, version),
            _ => throw new AzureError(404, "NotFound", "Resource not found."),
        };
    }

    private JsonObject Set(string name, JsonObject? body)
    {
        if (!Name.IsMatch(name) || body?["value"]?.GetValue<string>() is not { Length: <= ValueMax } value
            || body.Any(each => each.Key is not ("value" or "contentType" or "attributes" or "tags")))
        {
            throw Bad("A secret has a name of 1 to 127 letters, digits and dashes, and a value of at most 25 KB.");
        }

        _secrets.Make(name);
        return Told(name, _secrets.Add(name, _ => Guid.NewGuid().ToString("N"), (value, body["contentType"]?.GetValue<string>())), withValue: true);
    }

    private JsonObject Get(string name, string? version)
    {
        if (version is not null && (version.Length != 32 || !version.All(char.IsAsciiHexDigitLower)))
        {
            throw Bad($"Invalid version '{version}'.");
        }

        return Told(name, _secrets.Find(name, version) ?? throw new AzureError(404, "SecretNotFound", $"A secret with (name/id) {name} was not found."), true);
    }

    private JsonObject List(int most, string token)
    {
        var from = token.Length > 0 ? int.Parse(token, CultureInfo.InvariantCulture) : 0;
        var (all, count) = (_secrets.Names, Math.Min(PageMax, most is >= 1 and <= 25 ? most : throw Bad("maxresults must be 1 to 25.")));
        return new JsonObject
        {
            ["value"] = new JsonArray([.. all.Skip(from).Take(count).Select(each => Told(each, _secrets.Find(each, null)!, withValue: false))]),
            ["nextLink"] = from + count < all.Count ? $"{Home}secrets?api-version=7.4&$skiptoken={from + count}&maxresults={most}" : null,
        };
    }

    private JsonObject Told(string name, FakeVersion<(string Value, string? Type)> version, bool withValue)
    {
        var told = new JsonObject
        {
            ["id"] = withValue ? $"{Home}secrets/{name}/{version.Id}" : $"{Home}secrets/{name}",
            ["attributes"] = new JsonObject
            {
                ["enabled"] = true,
                ["created"] = version.Created.ToUnixTimeSeconds(),
                ["updated"] = version.Created.ToUnixTimeSeconds(),
            },
        };
        _ = version.Kept.Type is { } type ? told["contentType"] = type : null;
        _ = withValue ? told["value"] = version.Kept.Value : null;
        return told;
    }
}
