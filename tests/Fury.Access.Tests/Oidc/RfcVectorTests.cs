using System.Text;
using System.Text.Json;
using Fury.Access.Oidc;
using Fury.Kernel;

namespace Fury.Access.Tests.Oidc;

/// <summary>The examples that the standards themselves give.</summary>
public sealed class RfcVectorTests
{
    private const string Payload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

    // RFC 7515, A.2.
    private const string RsaKey = """
        {"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMs
        D1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5Zw
        Kh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}
        """;

    private const string RsaToken = $"eyJhbGciOiJSUzI1NiJ9.{Payload}." +
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4" +
        "BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv" +
        "hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

    // RFC 7515, A.3.
    private const string EcKey = """
        {"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}
        """;

    private const string EcToken =
        $"eyJhbGciOiJFUzI1NiJ9.{Payload}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

    [Fact]
    public void RS256_of_RFC_7515_A2_verifies() => Assert.Null(JwtRules.Signature(Jwt.Read(RsaToken).Value, Keys(RsaKey)));

    [Fact]
    public void ES256_of_RFC_7515_A3_verifies() => Assert.Null(JwtRules.Signature(Jwt.Read(EcToken).Value, Keys(EcKey)));

    [Fact]
    public void The_claims_of_RFC_7519_3_1_are_read_and_held_to_their_time()
    {
        var token = Jwt.Read(EcToken).Value;
        Assert.Equal(("joe", 1300819380d), (token.Text("iss"), token.Seconds("exp")));

        var fault = new JwtRules("joe", ["fury"]).Problem(token, DateTimeOffset.FromUnixTimeSeconds(1300819379));
        Assert.Equal("The token is for another audience.", fault?.Message);
    }

    [Theory]
    [InlineData(RsaToken, RsaKey)]
    [InlineData(EcToken, EcKey)]
    public void Any_other_letter_of_it_breaks_the_signature(string token, string key)
    {
        var keys = Keys(key);
        for (var at = token.IndexOf('.', StringComparison.Ordinal) + 1; at < token.Length - 1; at += 7)
        {
            var other = token[..at] + (token[at] == 'A' ? 'B' : 'A') + token[(at + 1)..];
            Assert.True(token[at] == '.' || Jwt.Read(other) is { IsOk: false } || JwtRules.Signature(Jwt.Read(other).Value, keys) is not null, $"at {at}");
        }
    }

    /// <summary>RFC 7515 A.1 and RFC 7519 6.1: a shared key, and none at all.</summary>
    [Theory]
    [InlineData($"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{Payload}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")]
    [InlineData($"eyJhbGciOiJub25lIn0.{Payload}.")]
    [InlineData($"eyJhbGciOiJub25lIn0.{Payload}.AAAA")]
    public void Shared_keys_and_no_key_are_not_taken(string text)
    {
        var token = Jwt.Read(text);
        Assert.Equal(FaultKind.Unauthenticated, (token.IsOk ? JwtRules.Signature(token.Value, [.. Keys(RsaKey), .. Keys(EcKey)]) : token.Fault)?.Kind);
    }

    private static IReadOnlyList<ProviderKey> Keys(string key)
    {
        var json = Encoding.UTF8.GetBytes($$"""{"keys":[{{string.Concat(key.Where(letter => !char.IsWhiteSpace(letter)))}}]}""");
        using var document = JsonDocument.Parse(json);
        return Assert.Single(ProviderKey.ReadAll(document.RootElement)) is { } one ? [one] : [];
    }
}
