using Fury.Kernel;
using Microsoft.Extensions.Configuration;

namespace Fury.Access.Oidc;

/// <summary>The OpenID provider that persons log in with; null where there is none. Settings: <c>Fury:Auth:Oidc:…</c>.</summary>
/// <param name="Issuer"><c>Issuer</c>, as the provider writes it, e.g. <c>https://login.example.com</c>.</param>
/// <param name="ClientId"><c>ClientId</c>, of the web.</param>
/// <param name="ClientSecret"><c>ClientSecret</c>, or the first line of <c>ClientSecretFile</c>; null: a public client, which PKCE protects.</param>
/// <param name="CliClientId"><c>CliClientId</c>, of the command line; that of the web when absent.</param>
/// <param name="Audiences"><c>Audiences</c>, separated by commas: for whom tokens may be; the two clients when absent.</param>
/// <param name="NameClaim"><c>NameClaim</c>: what people are called in grants; <c>sub</c> when absent. <c>email</c> must be a verified one.</param>
/// <param name="GroupsClaim"><c>GroupsClaim</c>; <c>groups</c> when absent.</param>
/// <param name="Scope"><c>Scope</c>: what is asked of the provider; <c>openid</c> when absent.</param>
internal sealed record OidcSettings(
    string Issuer,
    string ClientId,
    string? ClientSecret,
    string CliClientId,
    IReadOnlyList<string> Audiences,
    string NameClaim,
    string GroupsClaim,
    string Scope)
{
    /// <exception cref="InvalidOperationException">One sentence names the bad setting.</exception>
    public static OidcSettings? Read(IConfiguration settings)
    {
        var section = settings.GetSection("Fury:Auth:Oidc");
        if (section["Issuer"] is not { Length: > 0 } issuer)
        {
            return null;
        }

        if (!IsSafe(issuer))
        {
            throw new InvalidOperationException($"Fury:Auth:Oidc:Issuer must be an https address (http on this machine alone), and is '{issuer}'.");
        }

        if (section["ClientId"] is not { Length: > 0 } client)
        {
            throw new InvalidOperationException("Fury:Auth:Oidc:ClientId is missing: as what is Fury known to the provider?");
        }

        var secret = section["ClientSecretFile"] is { Length: > 0 } file ? File.ReadLines(file).FirstOrDefault()?.Trim() : section["ClientSecret"];
        var cli = section["CliClientId"] is { Length: > 0 } given ? given : client;
        var audiences = section["Audiences"]?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new(
            issuer, client, string.IsNullOrEmpty(secret) ? null : secret, cli, audiences is { Length: > 0 } ? audiences : [.. new[] { client, cli }.Distinct()],
            section["NameClaim"] ?? "sub", section["GroupsClaim"] ?? "groups", section["Scope"] ?? "openid");
    }

    /// <summary>Keys and codes travel only where nobody can change them on the way.</summary>
    public static bool IsSafe(string? address) => Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && Loopback.Is(uri.Host)));
}
