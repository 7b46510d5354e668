using System.Buffers.Binary;
using System.Numerics;

namespace Fury.Sdk.Http;

/// <summary>The sum (RFC 3720 §B.4) by which Google compares what arrives.</summary>
internal static class Crc32c
{
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var each in bytes)
        {
            crc = BitOperations.Crc32C(crc, each);
        }

        return ~crc;
    }

    /// <summary>In base64, the highest byte first, as Cloud Storage writes it.</summary>
    public static string Base64(ReadOnlySpan<byte> bytes)
    {
        Span<byte> sum = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(sum, Of(bytes));
        return Convert.ToBase64String(sum);
    }
}
