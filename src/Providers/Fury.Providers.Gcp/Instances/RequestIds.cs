using System.Security.Cryptography;
using System.Text;

namespace Fury.Providers.Gcp;

/// <summary>
/// The id of a request to make an instance: Compute Engine remembers it for an hour, and the instance's name for as long as its bearer is there, so that a
/// creation repeats safely either way. Pure.
/// </summary>
internal static class RequestIds
{
    /// <summary>A UUID of version 8 (RFC 9562), the same for the same instance of the same wish.</summary>
    public static Guid Of(string name, string zone, string fingerprint)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes($"{zone}/{name}/{fingerprint}"))[..16];
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new(bytes, bigEndian: true);
    }
}
