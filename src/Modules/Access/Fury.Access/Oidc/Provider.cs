using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Fury.Kernel;

namespace Fury.Access.Oidc;

/// <summary>What the provider says of itself (OpenID Connect Discovery 1.0).</summary>
internal sealed record ProviderDocument(string Authorization, string Token, string Keys);

/// <summary>The provider over HTTP: its document, its keys, and codes for tokens. Answers are bounded, and it is asked no more often than it must be.</summary>
internal sealed class Provider(OidcSettings settings, HttpClient http, TimeProvider clock) : IDisposable
{
    public const int AnswerBytesMax = 256 * 1024;
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>Keys are read again after this, so that one that the provider has given up is not believed for long.</summary>
    private static readonly TimeSpan KeysLife = TimeSpan.FromMinutes(10);

    /// <summary>A token may name any key; the provider is not asked for each.</summary>
    private static readonly TimeSpan RefreshPause = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _asking = new(1, 1);
    private ProviderDocument? _document;
    private KeySet? _keys;
    private long? _triedAt;
    private long? _documentTriedAt;

    /// <summary>
    /// The keys as they are known, or as the provider has them now when they are old or <paramref name="isUnknown"/> tells that one is missing.
    /// </summary>
    public async Task<Outcome<IReadOnlyList<ProviderKey>>> Keys(Func<IReadOnlyList<ProviderKey>, bool> isUnknown, CancellationToken cancellation)
    {
        if (Known is { } fresh && !isUnknown(fresh))
        {
            return new List<ProviderKey>(fresh);
        }

        await _asking.WaitAsync(cancellation);
        try
        {
            var known = Known;
            var isPausing = _triedAt is { } tried && clock.GetElapsedTime(tried) < RefreshPause;
            if (known is not null && (isPausing || !isUnknown(known)))
            {
                return new List<ProviderKey>(known);
            }

            if (isPausing)
            {
                return IsAway;
            }

            // For all who wait, so it goes on when the one who has begun it hangs up.
            _triedAt = clock.GetTimestamp();
            var document = await ReadDocument();
            var set = await document.Then(found => Get(found.Keys));
            if (!set.IsOk)
            {
                return known is null ? set.Fault : new List<ProviderKey>(known);
            }

            var keys = ProviderKey.ReadAll(set.Value);
            Volatile.Write(ref _keys, new(keys, clock.GetTimestamp()));
            return new List<ProviderKey>(keys);
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <summary>Read once: a provider that changes it is another provider.</summary>
    public async Task<Outcome<ProviderDocument>> Document(CancellationToken cancellation)
    {
        if (_document is { } known)
        {
            return known;
        }

        await _asking.WaitAsync(cancellation);
        try
        {
            return await ReadDocument();
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <summary>The id token for a code (RFC 6749 §4.1.3, RFC 7636 §4.5).</summary>
    public async Task<Outcome<string>> Redeem(string code, string verifier, string redirect, CancellationToken cancellation)
    {
        var document = await Document(cancellation);
        if (!document.IsOk)
        {
            return document.Fault;
        }

        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["code_verifier"] = verifier,
            ["redirect_uri"] = redirect,
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, document.Value.Token);
        if (settings.ClientSecret is { } secret)
        {
            var pair = $"{Uri.EscapeDataString(settings.ClientId)}:{Uri.EscapeDataString(secret)}";
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
        }
        else
        {
            form["client_id"] = settings.ClientId;
        }

        request.Content = new FormUrlEncodedContent(form);
        var answer = await Send(request, cancellation);
        return answer.Then<string>(json =>
            json.ValueKind == JsonValueKind.Object && json.TryGetProperty("id_token", out var token) && token.ValueKind == JsonValueKind.String
                ? token.GetString()!
                : Jwt.Refused("is missing in the provider's answer"));
    }

    public void Dispose() => _asking.Dispose();

    private IReadOnlyList<ProviderKey>? Known => Volatile.Read(ref _keys) is { } read && clock.GetElapsedTime(read.At) < KeysLife ? read.Keys : null;

    private static Fault IsAway => Fault.Unavailable("The OpenID provider did not answer a moment ago. Try again soon.");

    /// <summary>By whoever has the turn to ask.</summary>
    private async Task<Outcome<ProviderDocument>> ReadDocument()
    {
        if (_document is { } known)
        {
            return known;
        }

        if (_documentTriedAt is { } tried && clock.GetElapsedTime(tried) < RefreshPause)
        {
            return IsAway;
        }

        _documentTriedAt = clock.GetTimestamp();
        var answer = await Get($"{settings.Issuer.TrimEnd('/')}/.well-known/openid-configuration");
        if (!answer.IsOk)
        {
            return answer.Fault;
        }

        string? Text(string name) => answer.Value.ValueKind == JsonValueKind.Object
            && answer.Value.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

        if (Text("issuer") != settings.Issuer)
        {
            return Fault.Unavailable($"The OpenID provider calls itself '{Text("issuer")}' and is set as '{settings.Issuer}'.");
        }

        string?[] addresses = [Text("authorization_endpoint"), Text("token_endpoint"), Text("jwks_uri")];
        return addresses.All(OidcSettings.IsSafe)
            ? _document = new(addresses[0]!, addresses[1]!, addresses[2]!)
            : Fault.Unavailable("The OpenID provider names no safe addresses for logging in.");
    }

    private async Task<Outcome<JsonElement>> Get(string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        return await Send(request, CancellationToken.None);
    }

    private async Task<Outcome<JsonElement>> Send(HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            using var answer = await http.SendAsync(request, cancellation);
            return answer.IsSuccessStatusCode
                ? await answer.Content.ReadFromJsonAsync<JsonElement>(cancellation)
                : Fault.Unavailable($"The OpenID provider has answered {(int)answer.StatusCode}.");
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException
            || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return Fault.Unavailable("The OpenID provider does not answer.", failure);
        }
    }

    private sealed record KeySet(IReadOnlyList<ProviderKey> Keys, long At);
}
