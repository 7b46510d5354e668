using System.Buffers.Binary;

namespace Fury.Sdk.KeyValue;

/// <summary>
/// What the portable layer writes before each value, on every provider: it makes expiry exact, writes recognisable after a lost answer, fences
/// enforceable and a move between providers orderable. 44 bytes, numbers big-endian:
/// <code>
/// 0  magic 'F' 'K'   2  format 1   3  flags
/// 4  write id, 16    20 version    28 expiry, ms since 1970 or 0    36 fence
/// </code>
/// </summary>
internal readonly record struct KvEnvelope(Guid WriteId, long Version, long ExpiresMs, long Fence)
{
    public const int Size = 44;

    /// <summary>Not 0 only while data moves between providers.</summary>
    public KvFlags Flags { get; init; }

    public DateTimeOffset? ExpiresAt => ExpiresMs == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(ExpiresMs);

    public bool IsLive(DateTimeOffset now) => Flags == KvFlags.None && (ExpiresMs == 0 || now.ToUnixTimeMilliseconds() < ExpiresMs);

    public byte[] Wrap(ReadOnlySpan<byte> value)
    {
        var bytes = new byte[Size + value.Length];
        (bytes[0], bytes[1], bytes[2], bytes[3]) = ((byte)'F', (byte)'K', 1, (byte)Flags);
        WriteId.TryWriteBytes(bytes.AsSpan(4));
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(20), Version);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(28), ExpiresMs);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(36), Fence);
        value.CopyTo(bytes.AsSpan(Size));
        return bytes;
    }

    /// <summary>Throws <see cref="FuryErrorCode.Corrupted"/> for what was not written by the portable layer.</summary>
    public static KvEnvelope Read(ReadOnlySpan<byte> bytes) =>
        bytes is [(byte)'F', (byte)'K', 1, ..] && bytes.Length >= Size
            ? new KvEnvelope(
                new Guid(bytes.Slice(4, 16)),
                BinaryPrimitives.ReadInt64BigEndian(bytes[20..]),
                BinaryPrimitives.ReadInt64BigEndian(bytes[28..]),
                BinaryPrimitives.ReadInt64BigEndian(bytes[36..]))
            {
                Flags = (KvFlags)bytes[3],
            }
            : throw new FuryException(FuryErrorCode.Corrupted, "What is under the key was not written by this library, or was cut.");
}

/// <summary>What is under a key that is no value; to readers it is not there.</summary>
[Flags]
internal enum KvFlags : byte
{
    None = 0,

    /// <summary>The value was deleted.</summary>
    Tombstone = 1,

    /// <summary>Another store has the key; what follows is of <see cref="Moving.MovedMark"/>.</summary>
    Moved = 2,

    /// <summary>The value goes back to the store from which it came.</summary>
    Frozen = 4,
}
