using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Fury.Testing.Clouds.Azure;

/// <summary>
/// Who may call: Entra's token endpoint (client credentials) and the machine's metadata service. What it has not given out, or what has ended, is no token.
/// </summary>
/// <param name="audience">For what its tokens are good, with a slash at the end.</param>
internal sealed class AzureIdentities(TimeProvider clock, string audience = "https://management.azure.com/")
{
    public const string Tenant = "11111111-1111-1111-1111-111111111111";
    public const string Client = "22222222-2222-2222-2222-222222222222";
    public const string Secret = "the-secret-of-the-application";
    private static readonly TimeSpan Life = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _tokens = new();
    private int _issued;

    public bool IsRevoked { get; set; }

    public int Given => Volatile.Read(ref _issued);

    public void Expire() => _tokens.Clear();

    public void Check(HttpRequest request)
    {
        var header = $"{request.Headers.Authorization}";
        if (!header.StartsWith("Bearer ", StringComparison.Ordinal)
            || !_tokens.TryGetValue(header["Bearer ".Length..], out var ends) || ends <= clock.GetUtcNow())
        {
            throw new AzureError(401, "InvalidAuthenticationToken", "The access token is invalid.");
        }
    }

    /// <summary>Null for a path that is none of this.</summary>
    public async Task<(int Code, JsonObject Body)?> Answer(HttpRequest request)
    {
        switch (request.Method, request.Path.Value)
        {
            case ("GET", $"/{Tenant}/v2.0/.well-known/openid-configuration"):
                return (200, new()
                {
                    ["issuer"] = $"https://login.microsoftonline.com/{Tenant}/v2.0",
                    ["authorization_endpoint"] = $"https://{request.Host}/{Tenant}/oauth2/v2.0/authorize",
                    ["token_endpoint"] = $"https://{request.Host}/{Tenant}/oauth2/v2.0/token",
                });
            case ("POST", $"/{Tenant}/oauth2/v2.0/token"):
                var form = await request.ReadFormAsync();
                var isOk = !IsRevoked && form["grant_type"] == "client_credentials" && form["client_id"] == Client && form["client_secret"] == Secret
                    && $"{form["scope"]}".Split(' ').Contains(audience + ".default");
                return isOk ? (200, Token()) : (401, new()
                {
                    ["error"] = "invalid_client",
                    ["error_description"] = "AADSTS7000215: Invalid client secret provided. Trace ID: 0",
                    ["error_codes"] = new JsonArray(7000215),
                });
            case ("GET", "/metadata/identity/oauth2/token"):
                return request.Headers["Metadata"] != "true" || !audience.StartsWith($"{request.Query["resource"]}", StringComparison.Ordinal) || IsRevoked
                    ? (400, new() { ["error"] = "invalid_request", ["error_description"] = "Identity not found" })
                    : (200, MachineToken());
            default:
                return null;
        }
    }

    private JsonObject Token()
    {
        var token = $"eyJ0.azure-{Interlocked.Increment(ref _issued)}";
        _tokens[token] = clock.GetUtcNow() + Life;
        return new() { ["token_type"] = "Bearer", ["expires_in"] = (int)Life.TotalSeconds, ["access_token"] = token };
    }

    /// <summary>Written with all numbers as text, and an end.</summary>
    private JsonObject MachineToken()
    {
        var token = Token();
        token["expires_in"] = $"{(int)Life.TotalSeconds}";
        token["expires_on"] = $"{(clock.GetUtcNow() + Life).ToUnixTimeSeconds()}";
        token["resource"] = audience;
        return token;
    }
}
