using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Fury.Providers.Contracts;

namespace Fury.Providers.Clouds;

/// <summary>
/// Names that a wish for instances decides, for clouds that have no client tokens of their own: the same wish again finds its instances by their names, and
/// another wish under the same token is seen to be one by its fingerprint. Pure.
/// </summary>
internal static class Wish
{
    private const int TokenDigits = 20;
    private const int FingerprintDigits = 40;

    /// <summary>Of a client token: 20 hex digits.</summary>
    public static string TokenHash(string clientToken) => Hash(clientToken)[..TokenDigits];

    /// <summary>Of an instance: begins with a letter, and is of lower-case letters, digits and hyphens (RFC 1035), at most 29 of them.</summary>
    /// <param name="number">From 0.</param>
    public static string Name(string clientToken, int number) => $"fury-{TokenHash(clientToken)}-{number}";

    /// <summary>Another one for all that is another wish, in any field of it: 40 hex digits.</summary>
    public static string Fingerprint(InstanceRequest request) => Hash(JsonSerializer.Serialize(new
    {
        request.ClientToken,
        request.Region,
        request.Zone,
        request.Type,
        request.Count,
        request.Market,
        request.ArtifactUri,
        request.ArtifactDigest,
        request.Command,
        request.Arguments,
        Environment = request.Environment.OrderBy(one => one.Key, StringComparer.Ordinal),
        request.CpuMillis,
        request.MemoryMiB,
        Tags = request.Tags.OrderBy(one => one.Key, StringComparer.Ordinal),
        Architectures = request.Architectures.Order(),
    }))[..FingerprintDigits];

    /// <summary>
    /// Zone by zone, in an order of its own for each client token, so that few instances of many wishes do not all end in the first zone. Null where there are
    /// no zones.
    /// </summary>
    public static string? Zone(string clientToken, int number, IReadOnlyCollection<string> zones) => zones.Count == 0 ? null
        : zones.OrderBy(zone => Hash($"{clientToken}/{zone}"), StringComparer.Ordinal).ElementAt(number % zones.Count);

    /// <summary>SHA-256, 64 hex digits.</summary>
    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
