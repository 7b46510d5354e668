using Fury.Access.Contracts;
using Fury.Kernel;

namespace Fury.Access.Oidc;

/// <summary>Persons, by tokens of the provider.</summary>
/// <param name="provider">Null: no provider is set.</param>
internal sealed class OidcCallers(OidcSettings? settings, Provider? provider, TimeProvider clock)
{
    private const int GroupsMax = 500;

    public bool IsOn => provider is not null;

    public OidcSettings? Settings => settings;

    public Provider? Provider => provider;

    /// <param name="nonce">Of the login that the token comes of; null: it comes of none.</param>
    public async Task<Outcome<Caller>> Identify(string text, string? nonce, CancellationToken cancellation)
    {
        if (settings is null || provider is null)
        {
            return new Fault(FaultKind.Unauthenticated, "No OpenID provider is set.");
        }

        var token = Jwt.Read(text);
        if (!token.IsOk)
        {
            return token.Fault;
        }

        // What needs no key comes first: the provider is not asked for the sake of a token that would be refused anyway.
        var audiences = nonce is null ? settings.Audiences : [settings.ClientId];
        if (new JwtRules(settings.Issuer, audiences, nonce).Problem(token.Value, clock.GetUtcNow()) is { } problem)
        {
            return problem;
        }

        if (Algorithms.HashOf(token.Value.Algorithm) is null)
        {
            return Jwt.Refused("is signed by an algorithm that is not taken here");
        }

        var keys = await provider.Keys(known => JwtRules.Signature(token.Value, known) is { Kind: FaultKind.NotFound }, cancellation);
        if (!keys.IsOk)
        {
            return keys.Fault;
        }

        return JwtRules.Signature(token.Value, keys.Value) switch
        {
            null => Person(token.Value, settings),
            { Kind: FaultKind.NotFound } => Jwt.Refused("is signed by a key that the provider does not have"),
            var refused => refused,
        };
    }

    private static Outcome<Caller> Person(Jwt token, OidcSettings settings)
    {
        // An address that nobody has confirmed could be anybody's.
        var isVerified = settings.NameClaim != "email"
            || (token.Claims.TryGetProperty("email_verified", out var verified) && verified.ValueKind == System.Text.Json.JsonValueKind.True);
        return token.Text(settings.NameClaim) is { Length: >= 1 and <= 200 } name && !name.Any(char.IsControl) && isVerified
            ? new Caller(name, CallerKind.User) { Groups = [.. token.Texts(settings.GroupsClaim).Take(GroupsMax)], Credential = token.Text("jti") }
            : Jwt.Refused($"has no {(isVerified ? "" : "verified ")}{settings.NameClaim}");
    }
}
