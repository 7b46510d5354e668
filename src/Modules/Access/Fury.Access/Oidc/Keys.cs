using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace Fury.Access.Oidc;

/// <summary>The algorithms that are taken, and what each does. <c>none</c> and those of shared keys (HS…) are not among them.</summary>
internal static class Algorithms
{
    public static HashAlgorithmName? HashOf(string algorithm) => algorithm switch
    {
        "RS256" or "PS256" or "ES256" => HashAlgorithmName.SHA256,
        "RS384" or "PS384" or "ES384" => HashAlgorithmName.SHA384,
        "RS512" or "PS512" or "ES512" => HashAlgorithmName.SHA512,
        _ => null,
    };

    /// <summary>The curve that the algorithm is for (RFC 7518 §3.4), by its name in a key; null: it is one of RSA.</summary>
    public static string? CurveOf(string algorithm) => algorithm switch
    {
        "ES256" => "P-256",
        "ES384" => "P-384",
        "ES512" => "P-521",
        _ => null,
    };
}

/// <summary>A public key of the provider (RFC 7517).</summary>
internal sealed class ProviderKey
{
    private const int RsaBitsMin = 2048;
    private const int RsaBitsMax = 8192;

    private readonly RSAParameters? _rsa;
    private readonly ECParameters? _ec;
    private readonly string? _curve;
    private readonly string? _algorithm;

    private ProviderKey(string? id, string? algorithm, RSAParameters rsa) => (Id, _algorithm, _rsa) = (id, algorithm, rsa);

    private ProviderKey(string? id, string? algorithm, ECParameters ec, string curve) => (Id, _algorithm, _ec, _curve) = (id, algorithm, ec, curve);

    public string? Id { get; }

    /// <summary>A key is for one kind of algorithm, and where it says so for one alone.</summary>
    public bool Fits(string algorithm) => Algorithms.HashOf(algorithm) is not null
        && (_algorithm is null || _algorithm == algorithm) && Algorithms.CurveOf(algorithm) == _curve;

    public bool Verifies(string algorithm, byte[] signed, byte[] signature)
    {
        if (!Fits(algorithm) || Algorithms.HashOf(algorithm) is not { } hash)
        {
            return false;
        }

        try
        {
            if (_ec is { } parameters)
            {
                using var ec = ECDsa.Create(parameters);
                return ec.VerifyData(signed, signature, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            }

            using var rsa = RSA.Create(_rsa!.Value);
            return rsa.VerifyData(signed, signature, hash, algorithm[0] == 'P' ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>Those of a key set that are for signatures and that can be used; what is not known here is passed over.</summary>
    public static IReadOnlyList<ProviderKey> ReadAll(JsonElement set) =>
        set.ValueKind == JsonValueKind.Object && set.TryGetProperty("keys", out var keys) && keys.ValueKind == JsonValueKind.Array
            ? [.. keys.EnumerateArray().Take(100).Select(Read).OfType<ProviderKey>()]
            : [];

    private static ProviderKey? Read(JsonElement key)
    {
        if (key.ValueKind != JsonValueKind.Object || Text(key, "use") is not (null or "sig")
            || (key.TryGetProperty("key_ops", out var uses) && !Verifies(uses)))
        {
            return null;
        }

        var (id, algorithm) = (Text(key, "kid"), Text(key, "alg"));
        return Text(key, "kty") switch
        {
            "RSA" when Bytes(key, "n") is { } modulus && Bytes(key, "e") is { } exponent && (modulus.Length * 8) is >= RsaBitsMin and <= RsaBitsMax =>
                new(id, algorithm, new RSAParameters { Modulus = modulus, Exponent = exponent }),
            "EC" when Text(key, "crv") is { } name && CurveOf(name) is { } curve && Bytes(key, "x") is { } x && Bytes(key, "y") is { } y
                && x.Length == curve.Bytes && y.Length == curve.Bytes =>
                new(id, algorithm, new ECParameters { Curve = curve.Curve, Q = new() { X = x, Y = y } }, name),
            _ => null,
        };
    }

    private static (ECCurve Curve, int Bytes)? CurveOf(string name) => name switch
    {
        "P-256" => (ECCurve.NamedCurves.nistP256, 32),
        "P-384" => (ECCurve.NamedCurves.nistP384, 48),
        "P-521" => (ECCurve.NamedCurves.nistP521, 66),
        _ => null,
    };

    private static bool Verifies(JsonElement uses) => uses.ValueKind == JsonValueKind.Array
        && uses.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.String && one.ValueEquals("verify"));

    private static string? Text(JsonElement key, string name) =>
        key.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static byte[]? Bytes(JsonElement key, string name)
    {
        try
        {
            return Text(key, name) is { Length: > 0 } text ? Base64Url.DecodeFromChars(text) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
