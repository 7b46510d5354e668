using Fury.Kernel;

namespace Fury.Access.Oidc;

/// <summary>What a token must say to be believed.</summary>
/// <param name="Nonce">What the login has sent along; null for a token that does not come of one.</param>
internal sealed record JwtRules(string Issuer, IReadOnlyList<string> Audiences, string? Nonce = null)
{
    /// <summary>Clocks of two machines are never the same.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);

    private const int SubjectLengthMax = 255;

    /// <summary>Null: its claims hold now. Whether its signature holds is another question.</summary>
    public Fault? Problem(Jwt token, DateTimeOffset at)
    {
        var now = at.ToUnixTimeMilliseconds() / 1000.0;
        var skew = Skew.TotalSeconds;
        return token.Text("iss") != Issuer ? Jwt.Refused("is of another issuer")
            : !token.Texts("aud").Intersect(Audiences).Any() ? Jwt.Refused("is for another audience")
            : token.Texts("aud").Count > 1 && token.Text("azp") is { } party && !Audiences.Contains(party) ? Jwt.Refused("was given to another party")
            : token.Seconds("exp") is not { } end || double.IsNaN(end) ? Jwt.Refused("does not say when it ends")
            : now >= end + skew ? Jwt.Refused("has expired")
            : token.Seconds("nbf") is { } start && !(now >= start - skew) ? Jwt.Refused("is not valid yet")
            : token.Seconds("iat") is { } made && !(now >= made - skew) ? Jwt.Refused("was made in the future")
            : token.Text("sub") is not { Length: >= 1 and <= SubjectLengthMax } ? Jwt.Refused("does not say whose it is")
            : Nonce is not null && token.Text("nonce") != Nonce ? Jwt.Refused("is of another login")
            : null;
    }

    /// <summary>The key that the token names signs it. Where it names none there must be one alone that fits.</summary>
    /// <returns>Null: it does. Not found: no such key is known, and it may be new.</returns>
    public static Fault? Signature(Jwt token, IReadOnlyList<ProviderKey> keys)
    {
        if (Algorithms.HashOf(token.Algorithm) is null)
        {
            return Jwt.Refused($"is signed by an algorithm that is not taken here");
        }

        var fitting = keys.Where(key => key.Fits(token.Algorithm) && (token.KeyId is null || key.Id == token.KeyId)).ToList();
        return fitting.Count switch
        {
            0 => Fault.NotFound("key of the provider", token.KeyId is null ? "of that kind" : "of that id"),
            1 => fitting[0].Verifies(token.Algorithm, token.Signed, token.Signature) ? null : Jwt.Refused("has a signature that is not the provider's"),
            _ => Jwt.Refused("does not say which key has signed it"),
        };
    }
}
