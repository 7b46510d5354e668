using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Fury.Sdk.Checks;

namespace Fury.Sdk.Bindings.Platform;

/// <summary>What is asked of the platform: what this instance has, and what it is to have.</summary>
/// <param name="After">The revision that it knows.</param>
/// <param name="IsNews">False: it has said the same before.</param>
/// <param name="IsLeaving">It stops, and holds nothing any more.</param>
internal sealed record PlatformQuestion(
    string Instance, long? After, int WaitSeconds, IReadOnlyList<PlatformQuestion.Held> Holds, bool IsNews, bool IsLeaving)
{
    /// <param name="Epoch">Which is in force here; 0 when none is.</param>
    /// <param name="Refused">Why the newest is not.</param>
    internal sealed record Held(string Kind, string Service, long Epoch, string? Refused);
}

/// <param name="Bindings">All of the scope; none when nothing has changed.</param>
internal sealed record PlatformAnswer(long Revision, IReadOnlyList<SealedDocument>? Bindings);

/// <param name="Document">A <see cref="PlatformDocument"/> as JSON.</param>
/// <param name="Seal">HMAC-SHA-256 of it by a key that is made of this instance's token, so nobody between the platform and here can change it.</param>
internal sealed record SealedDocument(string Document, string Seal)
{
    /// <exception cref="FuryException">It was changed on its way, or is of another scope.</exception>
    public ServiceBinding Open(PlatformPlace place, string origin)
    {
        var seal = Convert.ToHexStringLower(HMACSHA256.HashData(
            SHA256.HashData(Encoding.UTF8.GetBytes($"fury-bindings-1:{place.Token}")), Encoding.UTF8.GetBytes(Document)));
        if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(seal), Encoding.ASCII.GetBytes(Seal)))
        {
            throw new FuryException(
                FuryErrorCode.Corrupted, $"A binding of {origin} does not have the platform's seal: it was changed, or is meant for another scope.");
        }

        var document = JsonSerializer.Deserialize(Document, PlatformJson.Default.PlatformDocument);
        if (document is null || document.Application != place.Application || document.Scope != place.Scope)
        {
            throw Failure.Invalid(
                $"A binding of {origin} is for {Check.Show($"{document?.Application}/{document?.Scope}")}; right is {place.Application}/{place.Scope}.");
        }

        return BindingsFile.Read(origin, "binding", document.Binding ?? new(null, null, null, null, null, null, null, null));
    }
}

/// <summary>A binding as files of bindings have it, and for whom it is.</summary>
internal sealed record PlatformDocument(string? Application, string? Scope, DateTimeOffset IssuedAt, BindingsFile.Entry? Binding);

/// <summary>What was in force last, as it came.</summary>
internal sealed record KeptDocuments(IReadOnlyList<SealedDocument>? Bindings);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PlatformQuestion))]
[JsonSerializable(typeof(PlatformAnswer))]
[JsonSerializable(typeof(PlatformDocument))]
[JsonSerializable(typeof(KeptDocuments))]
internal sealed partial class PlatformJson : JsonSerializerContext;
