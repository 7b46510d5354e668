using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Fury.LittleMonster;

/// <summary>Names that follow from a saga and a step, and from nothing else.</summary>
internal static class SagaToken
{
    /// <summary>
    /// UUIDv5 (RFC 9562 §5.5) of <c>saga/step</c> in the name space of this installation, so two installations that share a cloud account
    /// never use the same token.
    /// </summary>
    public static Guid Of(Guid space, SagaId saga, string step)
    {
        var name = Encoding.UTF8.GetBytes($"{saga}/{step}");
        Span<byte> source = stackalloc byte[16 + name.Length];
        space.TryWriteBytes(source, bigEndian: true, out _);
        name.CopyTo(source[16..]);
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
#pragma warning disable CA5350 // Version 5 of a UUID is defined on SHA-1; nothing secret depends on it.
        SHA1.HashData(source, hash);
#pragma warning restore CA5350
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }

    public static IReadOnlyDictionary<string, string> Tags(SagaId saga, string step, Guid token) => new Dictionary<string, string>
    {
        ["lm-saga"] = saga.ToString(),
        ["lm-step"] = step,
        ["lm-token"] = token.ToString(),
    };

    /// <summary>
    /// The shard of a concurrency key: FNV-1a of its UTF-8, modulo <see cref="ShardsMax"/>. Never changes: it is in every table.
    /// </summary>
    public static short Shard(string key)
    {
        var hash = 2166136261u;
        Span<byte> number = stackalloc byte[4];
        foreach (var unit in Encoding.UTF8.GetBytes(key))
        {
            hash = unchecked((hash ^ unit) * 16777619u);
        }

        // The low bits of FNV-1a alone follow the last characters too closely; fold all four bytes.
        BinaryPrimitives.WriteUInt32LittleEndian(number, hash);
        return (short)(number[0] ^ number[1] ^ number[2] ^ number[3]);
    }

    public const int ShardsMax = 256;
}
