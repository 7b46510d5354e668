using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Fury.Testing.Clouds.Gcp;

/// <summary>
/// Who may call: Google's token endpoint (RFC 7523, the service account's signature is verified), its exchange of foreign tokens (RFC 8693) and the metadata
/// server. What it has not given out, or what has ended, is no token.
/// </summary>
internal sealed class FakeIdentity : IDisposable
{
    public const string Email = "fury@shop-production.iam.gserviceaccount.com";
    public const string Audience = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/fury/providers/house";
    public const string Scope = "https://www.googleapis.com/auth/cloud-platform";

    /// <summary>Google's library signs for this one, wherever it sends what it has signed.</summary>
    private const string GoogleAudience = "https://oauth2.googleapis.com/token";

    private const string KeyId = "key-1";
    private const string JwtGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    private const string ExchangeGrant = "urn:ietf:params:oauth:grant-type:token-exchange";
    private static readonly TimeSpan AssertionLifeMax = TimeSpan.FromHours(1);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<string, DateTimeOffset> _tokens = new();
    private readonly RSA _key = RSA.Create(2048);
    private int _issued;

    public FakeIdentity(TimeProvider clock) => _clock = clock;

    public TimeSpan TokenLife { get; set; } = TimeSpan.FromHours(1);

    public bool IsRevoked { get; set; }

    /// <summary>The foreign token that is exchanged for one of Google's.</summary>
    public string SubjectToken { get; } = "house-token";

    /// <summary>By kind: <c>jwt</c>, <c>exchange</c>, <c>metadata</c>.</summary>
    public ConcurrentDictionary<string, int> Given { get; } = new();

    /// <summary>A credential file of a service account, as Google issues it.</summary>
    public JsonObject ServiceAccount(Uri home) => new()
    {
        ["type"] = "service_account",
        ["project_id"] = FakeGoogle.Project,
        ["private_key_id"] = KeyId,
        ["private_key"] = _key.ExportPkcs8PrivateKeyPem(),
        ["client_email"] = Email,
        ["client_id"] = "100000000000000000001",
        ["token_uri"] = new Uri(home, "token").AbsoluteUri,
        ["universe_domain"] = "googleapis.com",
    };

    /// <summary>A credential file of workload identity federation, whose foreign token stands in a file.</summary>
    public static JsonObject Federated(Uri home, string subjectFile) => new()
    {
        ["type"] = "external_account",
        ["audience"] = Audience,
        ["subject_token_type"] = "urn:ietf:params:oauth:token-type:jwt",
        ["token_url"] = new Uri(home, "sts/token").AbsoluteUri,
        ["credential_source"] = new JsonObject { ["file"] = subjectFile },
        ["universe_domain"] = "googleapis.com",
    };

    public void Expire() => _tokens.Clear();

    /// <summary>Whether this was signed with the service account's key.</summary>
    public bool IsSigned(string text, byte[] signature) =>
        _key.VerifyData(Encoding.UTF8.GetBytes(text), signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    public void Check(HttpRequest request)
    {
        var header = $"{request.Headers.Authorization}";
        if (!header.StartsWith("Bearer ", StringComparison.Ordinal)
            || !_tokens.TryGetValue(header["Bearer ".Length..], out var ends) || ends <= _clock.GetUtcNow())
        {
            throw GoogleError.Unauthenticated();
        }
    }

    /// <summary>Null for a path that is none of this.</summary>
    public async Task<(int Code, JsonObject Body)?> Answer(HttpContext context, Uri home)
    {
        var request = context.Request;
        switch (request.Method, request.Path.Value)
        {
            case ("POST", "/token"):
                var form = await request.ReadFormAsync();
                return IsRevoked || form["grant_type"] != JwtGrant || WhyNot($"{form["assertion"]}", new Uri(home, "token").AbsoluteUri) is not null
                    ? Refused("invalid_grant", WhyNot($"{form["assertion"]}", new Uri(home, "token").AbsoluteUri) ?? "Invalid JWT Signature.")
                    : (200, Token("jwt"));
            case ("POST", "/sts/token"):
                var exchange = await request.ReadFormAsync();
                return IsRevoked || exchange["grant_type"] != ExchangeGrant || exchange["audience"] != Audience || exchange["scope"] != Scope
                    || exchange["subject_token"] != SubjectToken || exchange["subject_token_type"] != "urn:ietf:params:oauth:token-type:jwt"
                        ? Refused("invalid_grant", "The given credential is rejected by the attribute condition.")
                        : (200, Exchanged());
            case ("GET", "/" or "/computeMetadata/v1/instance/service-accounts/default/token"):
                context.Response.Headers["Metadata-Flavor"] = "Google";
                return request.Headers["Metadata-Flavor"] != "Google" || IsRevoked ? (403, [])
                    : request.Path == "/" ? (200, [])
                    : (200, Token("metadata"));
            default:
                return null;
        }
    }

    public void Dispose() => _key.Dispose();

    private static (int Code, JsonObject Body) Refused(string error, string description) =>
        (400, new() { ["error"] = error, ["error_description"] = description });

    private JsonObject Exchanged()
    {
        var token = Token("exchange");
        token["issued_token_type"] = "urn:ietf:params:oauth:token-type:access_token";
        return token;
    }

    private JsonObject Token(string kind)
    {
        Given.AddOrUpdate(kind, 1, (_, before) => before + 1);
        var token = $"ya29.{kind}-{Interlocked.Increment(ref _issued)}";
        _tokens[token] = _clock.GetUtcNow() + TokenLife;
        return new() { ["access_token"] = token, ["expires_in"] = (int)TokenLife.TotalSeconds, ["token_type"] = "Bearer" };
    }

    private string? WhyNot(string assertion, string audience)
    {
        if (assertion.Split('.') is not [var head, var claims, var signature])
        {
            return "Invalid JWT.";
        }

        var header = JsonNode.Parse(Base64Url.DecodeFromChars(head))!;
        if ($"{header["alg"]}" != "RS256" || $"{header["kid"]}" != KeyId
            || !_key.VerifyData(
                Encoding.ASCII.GetBytes($"{head}.{claims}"), Base64Url.DecodeFromChars(signature), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))
        {
            return "Invalid JWT Signature.";
        }

        var said = JsonNode.Parse(Base64Url.DecodeFromChars(claims))!;
        var (issued, ends) = (Time(said["iat"]), Time(said["exp"]));
        var now = _clock.GetUtcNow();
        return $"{said["iss"]}" != Email ? "Invalid issuer."
            : $"{said["aud"]}" != audience && $"{said["aud"]}" != GoogleAudience ? "Invalid JWT: Failed audience check."
            : $"{said["scope"]}" != Scope ? "Invalid scope."
            : ends - issued > AssertionLifeMax || issued > now + ClockSkew || ends < now ? "Invalid JWT: Token must be a short-lived token."
            : null;
    }

    private static DateTimeOffset Time(JsonNode? seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds!.GetValue<long>());
}
