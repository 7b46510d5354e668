using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Serialization;
using Fury.Sdk.Drivers;
using Fury.Sdk.Http;
using Fury.Sdk.Secrets.Stores;

namespace Fury.Sdk.Azure;

/// <summary>
/// Azure Key Vault. A binding's endpoint is the vault's, like <c>https://shop.vault.azure.net</c>; its resource is what the names of its secrets begin with,
/// before two dashes; its credential is like <c>env:AZURE_TENANT_ID,AZURE_CLIENT_ID,AZURE_CLIENT_SECRET</c>, and without one it is whom the machine stands
/// for. A vault does not tell capitals from small letters, so capitals are written otherwise; its values have 25 KiB at most.
/// </summary>
public static class KeyVaultProvider
{
    /// <summary>As it is named in bindings.</summary>
    public const string Name = "azure-key-vault";

    public static IReadOnlyList<IDriverFactory> Factories { get; } =
    [
        new DriverFactory(ServiceKind.Secrets, Name, (context, _) => ValueTask.FromResult<IDriver>(
            new ManagedSecrets(Name, new KeyVaultSecrets(context), SecretIds.Of(context, "--", SecretIds.LowerCase)))),
    ];
}

internal sealed class KeyVaultSecrets : ISecretStore
{
    private const string Version = "7.4";
    private const int PageMax = 25;
    private const int ValueMax = 25 * 1024;
    private const int VersionChars = 32;

    /// <summary>Of values that are no text, which are base64 then.</summary>
    private const string Bytes = "application/octet-stream;base64";

    private readonly RestClient _rest;
    private readonly string _vault;

    public KeyVaultSecrets(DriverContext context)
    {
        _vault = context.Route.Endpoint is { Scheme: "http" or "https" } endpoint ? $"{endpoint.Scheme}://{endpoint.Authority}" : throw Failure.Invalid(
            $"The endpoint of '{context.Service}' is '{context.Route.Endpoint}'; a vault like https://shop.vault.azure.net is right.");
        _rest = new RestClient("Key Vault", new EntraTokens(context, "https://vault.azure.net"), context.Clock);
    }

    public FuryException Translate(Exception error) => _rest.Translate(error);

    public void Dispose() => _rest.Dispose();

    public async ValueTask<SecretVersion?> Read(string id, string? version, CancellationToken cancellation)
    {
        if (version is not null && (version.Length != VersionChars || !version.All(char.IsAsciiHexDigitLower)))
        {
            return null;
        }

        using var response = await _rest.Send(HttpMethod.Get, Address(version is null ? id : $"{id}/{version}"), cancellation);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        var found = await _rest.Read(response, KeyVaultJson.Default.KeyVaultSecret, cancellation);
        var value = found.ContentType == Bytes ? Convert.FromBase64String(found.Value!) : Encoding.UTF8.GetBytes(found.Value!);
        return new SecretVersion(found.Last, value, DateTimeOffset.FromUnixTimeSeconds(found.Attributes!.Created));
    }

    public async ValueTask<string> Add(string id, ReadOnlyMemory<byte> value, CancellationToken cancellation)
    {
        var text = SecretText.Of(value);
        var write = new KeyVaultWrite(text ?? Convert.ToBase64String(value.Span), text is null ? Bytes : null);
        if (write.Value.Length > ValueMax)
        {
            throw Failure.TooLarge("The secret, as Key Vault has it,", write.Value.Length, ValueMax, "Encrypt it as an object, and keep the key here.");
        }

        using var response = await _rest.Send(HttpMethod.Put, Address(id), write, KeyVaultJson.Default.KeyVaultWrite, cancellation);
        return (await _rest.Read(response, KeyVaultJson.Default.KeyVaultSecret, cancellation)).Last;
    }

    /// <summary>A vault lists all that it has.</summary>
    /// <param name="from">An address of the vault itself; nothing is sent elsewhere.</param>
    public async ValueTask<SecretIdPage> List(string prefix, string? from, CancellationToken cancellation)
    {
        var first = Address("", ("maxresults", PageMax.ToString(CultureInfo.InvariantCulture)));
        using var response = await _rest.Send(HttpMethod.Get, from is null ? first : new Uri(_vault + new Uri(from).PathAndQuery), cancellation);
        var page = await _rest.Read(response, KeyVaultJson.Default.KeyVaultPage, cancellation);
        return new SecretIdPage((page.Value ?? []).Select(each => each.Last), page.NextLink is { Length: > 0 } next ? next : null);
    }

    private Uri Address(string id, params IEnumerable<(string, string?)> query) =>
        new($"{_vault}/secrets{(id.Length == 0 ? "" : "/" + id)}{PercentEncoding.Query([("api-version", Version), .. query])}");
}

internal sealed record KeyVaultWrite(string Value, string? ContentType)
{
    public override string ToString() => "KeyVaultWrite(hidden)";
}

/// <param name="Created">Seconds since 1970.</param>
internal sealed record KeyVaultAttributes(long Created);

/// <param name="Id">An address that ends with the name, or with name and version.</param>
internal sealed record KeyVaultSecret(string? Value, string Id, string? ContentType, KeyVaultAttributes? Attributes)
{
    [JsonIgnore]
    public string Last => Id[(Id.LastIndexOf('/') + 1)..];

    public override string ToString() => $"KeyVaultSecret({Id}, hidden)";
}

internal sealed record KeyVaultPage(IReadOnlyList<KeyVaultSecret>? Value, string? NextLink);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KeyVaultWrite))]
[JsonSerializable(typeof(KeyVaultSecret))]
[JsonSerializable(typeof(KeyVaultPage))]
internal sealed partial class KeyVaultJson : JsonSerializerContext;
