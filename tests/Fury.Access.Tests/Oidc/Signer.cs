using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Fury.Access.Oidc;

namespace Fury.Access.Tests.Oidc;

/// <summary>Makes tokens, right ones and others.</summary>
internal sealed class Signer
{
    /// <summary>Keys take long to make.</summary>
    public static readonly Signer First = new();
    public static readonly Signer Second = new();

    private readonly RSA _rsa = RSA.Create(2048);

    private Signer()
    {
    }

    public static string Part(object json) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(json, JsonSerializerOptions.Default));

    public static string Part(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    public string Sign(string header, string payload, bool pss = false) => $"{header}.{payload}." + Base64Url.EncodeToString(_rsa.SignData(
        Encoding.ASCII.GetBytes($"{header}.{payload}"), HashAlgorithmName.SHA256, pss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1));

    public string Token(object claims, string kid = "k1", string alg = "RS256") => Sign(Part(new { alg, kid }), Part(claims), alg[0] == 'P');

    public string KeyJson(string kid, string? use = "sig", string? alg = null)
    {
        var key = _rsa.ExportParameters(includePrivateParameters: false);
        var fields = new Dictionary<string, string>
        {
            ["kty"] = "RSA",
            ["kid"] = kid,
            ["n"] = Base64Url.EncodeToString(key.Modulus),
            ["e"] = Base64Url.EncodeToString(key.Exponent),
        };
        if (use is not null)
        {
            fields["use"] = use;
        }

        if (alg is not null)
        {
            fields["alg"] = alg;
        }

        return JsonSerializer.Serialize(fields, JsonSerializerOptions.Default);
    }

    public IReadOnlyList<ProviderKey> Keys(string kid = "k1") => Read($$"""{"keys":[{{KeyJson(kid)}}]}""");

    public static IReadOnlyList<ProviderKey> Read(string set)
    {
        using var document = JsonDocument.Parse(set);
        return ProviderKey.ReadAll(document.RootElement);
    }

    public byte[] PublicKeyPem() => Encoding.ASCII.GetBytes(_rsa.ExportSubjectPublicKeyInfoPem());
}
