using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Fury.Kernel;

namespace Fury.Access.Oidc;

/// <summary>A JSON Web Token (RFC 7519) in compact form, taken apart and not believed yet.</summary>
/// <param name="Signed">What the signature is over: header, dot, payload.</param>
internal sealed record Jwt(string Algorithm, string? KeyId, JsonElement Claims, byte[] Signed, byte[] Signature)
{
    private const int LengthMax = 16 * 1024;
    private const int KeyIdLengthMax = 256;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    // A token that brings its own key, or says where to fetch it, proves nothing but that somebody has a key.
    private static readonly string[] ForeignKeys = ["jwk", "jku", "x5u", "x5c"];

    public static Outcome<Jwt> Read(string text)
    {
        if (text.Length > LengthMax || text.Split('.') is not [var header, var payload, var signature] || signature.Length == 0
            || Bytes(header) is not { } headerBytes || Bytes(payload) is not { } payloadBytes || Bytes(signature) is not { } signatureBytes)
        {
            return Refused("is no signed JSON Web Token");
        }

        if (Object(headerBytes) is not { } head || Object(payloadBytes) is not { } claims)
        {
            return Refused("holds something else than JSON objects");
        }

        if (head.TryGetProperty("crit", out _))
        {
            return Refused("demands an extension that is not known here");
        }

        if (ForeignKeys.Any(name => head.TryGetProperty(name, out _)))
        {
            return Refused("brings its own key");
        }

        var keyId = TextOf(head, "kid");
        return TextOf(head, "alg") is not { } algorithm || (head.TryGetProperty("kid", out _) && keyId is not { Length: <= KeyIdLengthMax })
            ? Refused("does not say how it is signed")
            : new Jwt(algorithm, keyId, claims, Encoding.ASCII.GetBytes($"{header}.{payload}"), signatureBytes);
    }

    /// <summary>The claim, where it is a text.</summary>
    public string? Text(string claim) => TextOf(Claims, claim);

    /// <summary>Seconds since 1970 (RFC 7519 §2); null where the claim is absent, and <see cref="double.NaN"/> where it is no number.</summary>
    public double? Seconds(string claim) => !Claims.TryGetProperty(claim, out var value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) ? seconds
        : double.NaN;

    /// <summary>The texts of a claim that may be one text or a list of them.</summary>
    public IReadOnlyList<string> Texts(string claim) => Claims.TryGetProperty(claim, out var value)
        ? value.ValueKind switch
        {
            JsonValueKind.Array => [.. value.EnumerateArray().Select(TextOf).OfType<string>()],
            _ => TextOf(value) is { } one ? [one] : [],
        }
        : [];

    public static Fault Refused(string why) => new(FaultKind.Unauthenticated, $"The token {why}.");

    private static string? TextOf(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? TextOf(value) : null;

    private static string? TextOf(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, or no UTF-8.
            return null;
        }
    }

    /// <summary>Base64url as RFC 7515 §2 has it: no padding, no white space, no other letters.</summary>
    private static byte[]? Bytes(string text)
    {
        if (text.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_')) || text.Length % 4 == 1)
        {
            return null;
        }

        try
        {
            return Base64Url.DecodeFromChars(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static JsonElement? Object(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (Exception bad) when (bad is JsonException or InvalidOperationException)
        {
            // The latter: a name is half a surrogate pair, or no UTF-8.
            return null;
        }
    }
}
