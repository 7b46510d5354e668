using System.Globalization;
using System.Net;
using System.Text.Json.Serialization;
using Fury.Sdk.Drivers;
using Fury.Sdk.Http;
using Fury.Sdk.Secrets.Stores;

namespace Fury.Sdk.Google;

/// <summary>
/// Google's Secret Manager. A binding's resource is what the ids of its secrets begin with, before a <c>_</c>; credential and project are as of
/// <see cref="PubSub.PubSubProvider"/>. What it answers is held against its sum.
/// </summary>
public static class GoogleSecretsProvider
{
    /// <summary>As it is named in bindings; an endpoint is only needed where it is not Google's own.</summary>
    public const string Name = "gcp-secret-manager";

    public static IReadOnlyList<IDriverFactory> Factories { get; } =
    [
        new DriverFactory(ServiceKind.Secrets, Name, (context, _) => ValueTask.FromResult<IDriver>(
            new ManagedSecrets(Name, new GoogleSecrets(context), SecretIds.Of(context, "_", SecretIds.Letters + "_")))),
    ];
}

internal sealed class GoogleSecrets : ISecretStore
{
    private const int PageMax = 1000;

    /// <summary>How often a secret may come and go while it is written to.</summary>
    private const int TurnsMax = 5;

    private readonly GoogleAccount _account;
    private readonly RestClient _rest;
    private readonly string _origin;

    public GoogleSecrets(DriverContext context)
    {
        _account = new GoogleAccount(context);
        _rest = new RestClient("Secret Manager", _account, context.Clock);
        _origin = (context.Route.Endpoint?.AbsoluteUri ?? "https://secretmanager.googleapis.com").TrimEnd('/');
    }

    public FuryException Translate(Exception error) => _rest.Translate(error);

    public void Dispose() => _rest.Dispose();

    /// <summary>Only a version itself tells when it was made, so it is asked for first; then its value, which never changes.</summary>
    public async ValueTask<SecretVersion?> Read(string id, string? version, CancellationToken cancellation)
    {
        if (version is not null && !version.All(char.IsAsciiDigit))
        {
            return null;
        }

        using var asked = await _rest.Send(HttpMethod.Get, Address($"/{id}/versions/{version ?? "latest"}"), cancellation);
        if (asked.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        var found = await _rest.Read(asked, GoogleSecretsJson.Default.GoogleSecretVersion, cancellation);
        using var opened = await _rest.Send(HttpMethod.Get, Address($"/{id}/versions/{found.Number}:access"), cancellation);
        var payload = (await _rest.Read(opened, GoogleSecretsJson.Default.GoogleSecretAccess, cancellation)).Payload;
        return payload.DataCrc32c is { } sum && sum != Sum(payload.Data)
            ? throw new FuryException(FuryErrorCode.Corrupted, "What Secret Manager answered is not what it says it is.") { IsTransient = true }
            : new SecretVersion(found.Number, payload.Data, found.CreateTime);
    }

    public async ValueTask<string> Add(string id, ReadOnlyMemory<byte> value, CancellationToken cancellation)
    {
        var add = new GoogleSecretAdd(new GoogleSecretPayload(value.ToArray(), Sum(value.Span)));
        for (var turn = 1; turn <= TurnsMax; turn++)
        {
            using var added = await _rest.Send(
                HttpMethod.Post, Address($"/{id}:addVersion"), add, GoogleSecretsJson.Default.GoogleSecretAdd, cancellation);
            if (added.StatusCode != HttpStatusCode.NotFound)
            {
                return (await _rest.Read(added, GoogleSecretsJson.Default.GoogleSecretVersion, cancellation)).Number;
            }

            using var made = await _rest.Send(
                HttpMethod.Post,
                Address("", ("secretId", id)),
                new GoogleSecret(null, new GoogleReplication(new GoogleNothing())),
                GoogleSecretsJson.Default.GoogleSecret,
                cancellation);
            if (made.StatusCode != HttpStatusCode.Conflict)
            {
                await _rest.MustBeWell(made, cancellation);
            }
        }

        throw Failure.Contended($"The secret '{id}'", TurnsMax);
    }

    public async ValueTask<SecretIdPage> List(string prefix, string? from, CancellationToken cancellation)
    {
        var uri = Address("", ("pageSize", PageMax.ToString(CultureInfo.InvariantCulture)), ("filter", $"name:{prefix}"), ("pageToken", from));
        using var response = await _rest.Send(HttpMethod.Get, uri, cancellation);
        var page = await _rest.Read(response, GoogleSecretsJson.Default.GoogleSecretPage, cancellation);
        return new SecretIdPage(
            (page.Secrets ?? []).Select(each => each.Name![(each.Name!.LastIndexOf('/') + 1)..]), page.NextPageToken is { Length: > 0 } next ? next : null);
    }

    private static long Sum(ReadOnlySpan<byte> value) => Crc32c.Of(value);

    private Uri Address(string below, params IEnumerable<(string, string?)> query) =>
        new($"{_origin}/v1/projects/{_account.Project}/secrets{below}{PercentEncoding.Query(query)}");
}

internal sealed record GoogleNothing;

internal sealed record GoogleReplication(GoogleNothing Automatic);

internal sealed record GoogleSecret(string? Name, GoogleReplication? Replication);

internal sealed record GoogleSecretPage(IReadOnlyList<GoogleSecret>? Secrets, string? NextPageToken);

internal sealed record GoogleSecretVersion(string Name, DateTimeOffset CreateTime)
{
    [JsonIgnore]
    public string Number => Name[(Name.LastIndexOf('/') + 1)..];
}

/// <param name="DataCrc32c">A number, written as text.</param>
internal sealed record GoogleSecretPayload(byte[] Data, long? DataCrc32c)
{
    public override string ToString() => "GoogleSecretPayload(hidden)";
}

internal sealed record GoogleSecretAdd(GoogleSecretPayload Payload);

internal sealed record GoogleSecretAccess(GoogleSecretPayload Payload);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.WriteAsString)]
[JsonSerializable(typeof(GoogleSecret))]
[JsonSerializable(typeof(GoogleSecretPage))]
[JsonSerializable(typeof(GoogleSecretVersion))]
[JsonSerializable(typeof(GoogleSecretAdd))]
[JsonSerializable(typeof(GoogleSecretAccess))]
internal sealed partial class GoogleSecretsJson : JsonSerializerContext;
