using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Fury.Access.Oidc;
using Fury.Kernel;

namespace Fury.Access.Tests.Oidc;

public sealed class HostileTokenTests
{
    private const string Issuer = "https://login.example.com";
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private static readonly JwtRules Rules = new(Issuer, ["fury"]);
    private static readonly Signer Provider = Signer.First;

    [Theory]
    [InlineData("RS256")]
    [InlineData("PS256")]
    public void A_right_token_is_believed(string alg) => Assert.Null(Verdict(Provider.Token(Claims(), alg: alg)));

    [Fact]
    public void Each_claim_is_held_to_its_rule()
    {
        var now = Now.ToUnixTimeSeconds();
        (Action<Dictionary<string, object>> Spoil, string Why)[] cases =
        [
            (claims => claims["iss"] = Issuer + "/", "is of another issuer"),
            (claims => claims.Remove("iss"), "is of another issuer"),
            (claims => claims["aud"] = "other", "is for another audience"),
            (claims => claims["aud"] = Array.Empty<string>(), "is for another audience"),
            (claims => claims["aud"] = 1, "is for another audience"),
            (claims => claims.Remove("aud"), "is for another audience"),
            (claims => { claims["aud"] = new[] { "fury", "other" }; claims["azp"] = "other"; }, "was given to another party"),
            (claims => claims.Remove("exp"), "does not say when it ends"),
            (claims => claims["exp"] = "never", "does not say when it ends"),
            (claims => claims["exp"] = now - 61, "has expired"),
            (claims => claims["nbf"] = now + 61, "is not valid yet"),
            (claims => claims["nbf"] = "soon", "is not valid yet"),
            (claims => claims["iat"] = now + 61, "was made in the future"),
            (claims => claims.Remove("sub"), "does not say whose it is"),
            (claims => claims["sub"] = "", "does not say whose it is"),
            (claims => claims["sub"] = new string('s', 256), "does not say whose it is"),
        ];
        foreach (var (spoil, why) in cases)
        {
            var claims = Claims();
            spoil(claims);
            Assert.Equal($"The token {why}.", Verdict(Provider.Token(claims)));
        }
    }

    [Fact]
    public void Clocks_may_differ_by_a_minute()
    {
        var now = Now.ToUnixTimeSeconds();
        var claims = Claims();
        (claims["exp"], claims["nbf"], claims["iat"]) = (now - 59, now + 59, now + 59);
        Assert.Null(Verdict(Provider.Token(claims)));
    }

    [Fact]
    public void A_token_is_of_the_login_that_has_asked_for_it()
    {
        var claims = Claims();
        claims["nonce"] = "n1";
        var token = Jwt.Read(Provider.Token(claims)).Value;
        Assert.Null((Rules with { Nonce = "n1" }).Problem(token, Now));
        Assert.NotNull((Rules with { Nonce = "n2" }).Problem(token, Now));
        Assert.NotNull((Rules with { Nonce = "n1" }).Problem(Jwt.Read(Provider.Token(Claims())).Value, Now));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a.b")]
    [InlineData("a.b.c.d")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e30=.AAAA")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9 .e30.AAAA")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e30.A+/A")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.W10.AAAA")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.bm90anNvbg.AAAA")]
    [InlineData("eyJhbGciOjF9.e30.AAAA")]
    [InlineData("e30.e30.AAAA")]
    public void What_is_no_token_is_refused(string text) => Assert.Equal(FaultKind.Unauthenticated, Jwt.Read(text).Fault?.Kind);

    /// <summary>JSON that a parser takes, and whose texts are none: half a surrogate pair, and a byte that is no UTF-8.</summary>
    [Theory]
    [InlineData("""{"alg":"\ud800"}""", "{}")]
    [InlineData("""{"alg":"RS256","kid":"\ud800"}""", "{}")]
    [InlineData("""{"\ud800":"RS256"}""", "{}")]
    [InlineData("""{"alg":"RS256"}""", """{"iss":"\ud800","aud":"\ud800","sub":"\ud800"}""")]
    [InlineData("""{"alg":"RS256"}""", """{"iss":"https://login.example.com","aud":["\ud800"],"exp":9e9,"sub":"ann"}""")]
    [InlineData("""{"alg":"RS256"}""", """{"iss":"https://login.example.com","aud":"fury","exp":9e9,"sub":"\ud800"}""")]
    [InlineData("""{"alg":"RS256"}""", "{\"iss\":\"\u00ff\"}")]
    public void Texts_that_are_none_are_refused_and_break_nothing(string header, string claims)
    {
        var token = $"{Base64Url.EncodeToString(Encoding.Latin1.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.Latin1.GetBytes(claims))}.AAAA";

        Assert.NotNull(Verdict(token));
    }

    [Fact]
    public void What_is_too_long_too_deep_or_says_a_thing_twice_is_refused()
    {
        var header = Signer.Part(new { alg = "RS256", kid = "k1" });
        Assert.NotNull(Verdict(Provider.Sign(header, Signer.Part(new { x = new string('x', 16_384) }))));
        Assert.NotNull(Verdict(Provider.Sign(header, Signer.Part(string.Concat(Enumerable.Repeat("{\"a\":", 20)) + "1" + new string('}', 20)))));
        Assert.NotNull(Verdict(Provider.Sign(header, Signer.Part("""{"sub":"ann","sub":"admin"}"""))));
        Assert.NotNull(Verdict(Provider.Sign(Signer.Part("""{"alg":"RS256","alg":"none","kid":"k1"}"""), Signer.Part(Claims()))));
    }

    [Theory]
    [InlineData("jwk")]
    [InlineData("jku")]
    [InlineData("x5u")]
    [InlineData("x5c")]
    [InlineData("crit")]
    public void A_token_brings_neither_its_key_nor_rules_of_its_own(string name)
    {
        var header = new Dictionary<string, object> { ["alg"] = "RS256", ["kid"] = "k1", [name] = "https://evil.example.com/keys" };
        Assert.NotNull(Verdict(Provider.Sign(Signer.Part(header), Signer.Part(Claims()))));
    }

    /// <summary>The public key, which everybody knows, as the shared key of HS256.</summary>
    [Theory]
    [InlineData("HS256")]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("rs256")]
    [InlineData("RS1")]
    [InlineData("")]
    public void An_algorithm_that_is_not_on_the_list_is_refused(string alg)
    {
        var text = $"{Signer.Part(new { alg, kid = "k1" })}.{Signer.Part(Claims())}";
        var signature = HMACSHA256.HashData(Provider.PublicKeyPem(), Encoding.ASCII.GetBytes(text));
        Assert.NotNull(Verdict($"{text}.{Base64Url.EncodeToString(signature)}"));
    }

    [Fact]
    public void A_key_is_for_what_it_says_alone()
    {
        var token = Jwt.Read(Provider.Token(Claims())).Value;
        Assert.Empty(Signer.Read($$"""{"keys":[{{Provider.KeyJson("k1", use: "enc")}}]}"""));
        Assert.NotNull(JwtRules.Signature(token, Signer.Read($$"""{"keys":[{{Provider.KeyJson("k1", alg: "PS256")}}]}""")));
        Assert.Null(JwtRules.Signature(token, Signer.Read($$"""{"keys":[{{Provider.KeyJson("k1", alg: "RS256")}}]}""")));
        Assert.Equal(FaultKind.NotFound, JwtRules.Signature(token, Provider.Keys("k2"))?.Kind);
    }

    [Fact]
    public void AnotherProvider_is_not_the_provider()
    {
        Assert.Equal("The token has a signature that is not the provider's.", Verdict(Signer.Second.Token(Claims())));
    }

    [Theory]
    [InlineData("""{"kty":"RSA","n":"AQAB","e":"AQAB"}""")]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"AQAB","y":"AQAB"}""")]
    [InlineData("""{"kty":"EC","crv":"secp256k1","x":"AQAB","y":"AQAB"}""")]
    [InlineData("""{"kty":"oct","k":"AQAB"}""")]
    [InlineData("""{"kty":1}""")]
    [InlineData("1")]
    public void A_key_that_is_weak_or_unknown_is_passed_over(string key) => Assert.Empty(Signer.Read($$"""{"keys":[{{key}}]}"""));

    private static Dictionary<string, object> Claims() => new()
    {
        ["iss"] = Issuer,
        ["aud"] = "fury",
        ["sub"] = "ann",
        ["exp"] = Now.ToUnixTimeSeconds() + 300,
        ["iat"] = Now.ToUnixTimeSeconds(),
    };

    private static string? Verdict(string text)
    {
        var token = Jwt.Read(text);
        return (token.IsOk ? Rules.Problem(token.Value, Now) ?? JwtRules.Signature(token.Value, Provider.Keys()) : token.Fault)?.Message;
    }
}
