using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fury.Sdk.Google;

/// <summary>The key of a service account, as Google hands it out. Pure; the key is never shown.</summary>
internal sealed record GoogleKey(
    [property: JsonPropertyName("client_email"), JsonRequired] string Email,
    [property: JsonPropertyName("private_key"), JsonRequired] string PrivateKey,
    [property: JsonPropertyName("private_key_id")] string? KeyId,
    [property: JsonPropertyName("project_id")] string? Project,
    [property: JsonPropertyName("token_uri")] Uri? TokenUri)
{
    private static readonly Uri Google = new("https://oauth2.googleapis.com/token");

    public Uri Tokens => TokenUri ?? Google;

    /// <param name="text">The JSON itself, or where it is.</param>
    public static GoogleKey Read(string text)
    {
        try
        {
            var json = text.TrimStart().StartsWith('{') ? text : File.ReadAllText(text);
            return JsonSerializer.Deserialize(json, GoogleJson.Default.GoogleKey)!;
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw Unusable(error is JsonException ? "is no key of a service account in JSON" : "names no file that can be read");
        }
    }

    public byte[] Sign(string text)
    {
        try
        {
            using var key = RSA.Create();
            key.ImportFromPem(PrivateKey);
            return key.SignData(Encoding.UTF8.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        catch (Exception error) when (error is ArgumentException or CryptographicException)
        {
            throw Unusable("holds a private key that is no RSA key in PEM");
        }
    }

    /// <summary>What is exchanged for a token (RFC 7523): a claim to be this account, for an hour.</summary>
    public string Assertion(string scope, DateTimeOffset now)
    {
        var head = Part(new JwtHead("RS256", "JWT", KeyId), GoogleJson.Default.JwtHead);
        var seconds = now.ToUnixTimeSeconds();
        var claims = Part(new JwtClaims(Email, scope, Tokens.AbsoluteUri, seconds, seconds + 3600), GoogleJson.Default.JwtClaims);
        return $"{head}.{claims}.{Base64Url.EncodeToString(Sign($"{head}.{claims}"))}";

        static string Part<T>(T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> json) =>
            Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value, json));
    }

    public override string ToString() => $"GoogleKey({Email}, hidden)";

    /// <summary>Without what a parser quotes: it is a secret.</summary>
    private static FuryException Unusable(string why) => new(FuryErrorCode.Unauthenticated, $"The credential for Google {why}.");
}

internal sealed record JwtHead(
    [property: JsonPropertyName("alg")] string Algorithm, [property: JsonPropertyName("typ")] string Type, [property: JsonPropertyName("kid")] string? KeyId);

internal sealed record JwtClaims(
    [property: JsonPropertyName("iss")] string Issuer,
    [property: JsonPropertyName("scope")] string Scope,
    [property: JsonPropertyName("aud")] string Audience,
    [property: JsonPropertyName("iat")] long IssuedAt,
    [property: JsonPropertyName("exp")] long ExpiresAt);

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GoogleKey))]
[JsonSerializable(typeof(JwtHead))]
[JsonSerializable(typeof(JwtClaims))]
internal sealed partial class GoogleJson : JsonSerializerContext;
