using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Fury.Sdk.Drivers;
using Fury.Sdk.Http;
using Fury.Sdk.Secrets.Stores;

namespace Fury.Sdk.Aws;

/// <summary>
/// AWS Secrets Manager. A binding's resource is what the names of its secrets begin with, before a slash. Region and credential as of
/// <see cref="Sqs.SqsProvider"/>. AWS may drop versions older than the last two.
/// </summary>
public static class AwsSecretsProvider
{
    /// <summary>As it is named in bindings; an endpoint is only needed where it is not AWS's own.</summary>
    public const string Name = "aws-secrets-manager";

    public static IReadOnlyList<IDriverFactory> Factories { get; } =
    [
        new DriverFactory(ServiceKind.Secrets, Name, (context, _) => ValueTask.FromResult<IDriver>(
            new ManagedSecrets(Name, new AwsSecrets(context), SecretIds.Of(context, "/", SecretIds.Letters + "/_+=.@")))),
    ];
}

internal sealed class AwsSecrets(DriverContext context) : ISecretStore
{
    private const string Display = "Secrets Manager";
    private const int PageMax = 100;

    /// <summary>Of the name of a version; AWS refuses others.</summary>
    private const int VersionCharsMin = 32;
    private const int VersionCharsMax = 64;

    /// <summary>How often a secret may come and go while it is written to.</summary>
    private const int TurnsMax = 5;

    private readonly AwsJsonClient _client = new(context, Display, "secretsmanager", "secretsmanager", "1.1");

    public FuryException Translate(Exception error) => HttpFailures.Transport(Display, error);

    public void Dispose() => _client.Dispose();

    public async ValueTask<SecretVersion?> Read(string id, string? version, CancellationToken cancellation)
    {
        if (version is { Length: < VersionCharsMin or > VersionCharsMax })
        {
            return null;
        }

        try
        {
            var found = await _client.Call(
                "GetSecretValue",
                new AwsSecretAsk(id, version),
                AwsSecretsJson.Default.AwsSecretAsk,
                AwsSecretsJson.Default.AwsSecretValue,
                cancellation);
            return new SecretVersion(
                found.VersionId!,
                found.SecretBinary ?? Encoding.UTF8.GetBytes(found.SecretString ?? ""),
                DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(found.CreatedDate));
        }
        catch (FuryException absent) when (absent.ProviderCode == "ResourceNotFoundException")
        {
            return null;
        }
    }

    public async ValueTask<string> Add(string id, ReadOnlyMemory<byte> value, CancellationToken cancellation)
    {
        var text = SecretText.Of(value);
        var token = RandomNumberGenerator.GetHexString(VersionCharsMin, lowercase: true);
        var write = new AwsSecretWrite(id, null, token, text, text is null ? value.ToArray() : null);
        for (var turn = 1; turn <= TurnsMax; turn++)
        {
            try
            {
                return await Write("PutSecretValue", write);
            }
            catch (FuryException absent) when (absent.ProviderCode == "ResourceNotFoundException")
            {
                // Nothing is there yet; of two who make it at once, one goes on above.
            }

            try
            {
                return await Write("CreateSecret", write with { SecretId = null, Name = id });
            }
            catch (FuryException there) when (there.ProviderCode == "ResourceExistsException")
            {
                // Somebody else was faster.
            }
        }

        throw Failure.Contended($"The secret '{id}'", TurnsMax);

        async ValueTask<string> Write(string operation, AwsSecretWrite what) => (await _client.Call(
            operation, what, AwsSecretsJson.Default.AwsSecretWrite, AwsSecretsJson.Default.AwsSecretValue, cancellation)).VersionId!;
    }

    public async ValueTask<SecretIdPage> List(string prefix, string? from, CancellationToken cancellation)
    {
        var page = await _client.Call(
            "ListSecrets",
            new AwsSecretList(PageMax, from, [new AwsSecretFilter("name", [prefix])]),
            AwsSecretsJson.Default.AwsSecretList,
            AwsSecretsJson.Default.AwsSecretPage,
            cancellation);
        return new SecretIdPage((page.SecretList ?? []).Select(each => each.Name), page.NextToken);
    }
}

internal sealed record AwsSecretAsk(string SecretId, string? VersionId);

/// <param name="CreatedDate">Seconds since 1970.</param>
internal sealed record AwsSecretValue(string? VersionId, string? SecretString, byte[]? SecretBinary, double CreatedDate)
{
    public override string ToString() => $"AwsSecretValue({VersionId}, hidden)";
}

internal sealed record AwsSecretWrite(string? SecretId, string? Name, string ClientRequestToken, string? SecretString, byte[]? SecretBinary)
{
    public override string ToString() => $"AwsSecretWrite({SecretId ?? Name}, hidden)";
}

internal sealed record AwsSecretFilter(string Key, string[] Values);

internal sealed record AwsSecretList(int MaxResults, string? NextToken, AwsSecretFilter[] Filters);

internal sealed record AwsSecretName(string Name);

internal sealed record AwsSecretPage(IReadOnlyList<AwsSecretName>? SecretList, string? NextToken);

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AwsSecretAsk))]
[JsonSerializable(typeof(AwsSecretValue))]
[JsonSerializable(typeof(AwsSecretWrite))]
[JsonSerializable(typeof(AwsSecretList))]
[JsonSerializable(typeof(AwsSecretPage))]
internal sealed partial class AwsSecretsJson : JsonSerializerContext;
