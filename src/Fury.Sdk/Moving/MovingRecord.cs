using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Fury.Sdk.Drivers;
using Fury.Sdk.KeyValue;

namespace Fury.Sdk.Moving;

/// <summary>What one of the two stores has under a key.</summary>
/// <param name="Revision">The provider's; null where nothing is.</param>
/// <param name="Bytes">The envelope and what is in it.</param>
internal readonly record struct MovingRecord(KeySeen Seen, string? Revision, ReadOnlyMemory<byte> Bytes, KvEnvelope Envelope) : IMovingRecord
{
    /// <summary>Null is nothing. What others have written into the store is reported, not moved.</summary>
    public static MovingRecord Of(KvItem? item)
    {
        if (item is not { } there)
        {
            return default;
        }

        var envelope = KvEnvelope.Read(there.Value.Span);
        return new MovingRecord(new KeySeen(FormOf(envelope.Flags), envelope.Version, envelope.WriteId), there.Revision, there.Value, envelope);
    }

    public static MovingRecord Of(ReadOnlyMemory<byte> bytes, string revision) => Of(new KvItem(default, bytes, revision));

    /// <summary>Whether there is a value, be it expired or on its way back.</summary>
    public bool HasValue => Seen.Form is KeyForm.Value or KeyForm.Frozen && !Envelope.Flags.HasFlag(KvFlags.Tombstone);

    public KvGuard Guard => Revision is null ? KvGuard.Absent : KvGuard.At(Revision);

    /// <summary>A write over it: its version comes after all that was here.</summary>
    public ReadOnlyMemory<byte> Next(ReadOnlyMemory<byte> written)
    {
        var version = KvEnvelope.Read(written.Span).Version;
        return version > Seen.Version ? written : Changed(written, KvFlags.None, Seen.Version + 1);
    }

    /// <summary>A deletion of it.</summary>
    public ReadOnlyMemory<byte> Tombstone() =>
        new KvEnvelope(new Guid(RandomNumberGenerator.GetBytes(16)), Seen.Version + 1, 0, 0) { Flags = KvFlags.Tombstone }.Wrap([]);

    /// <summary>What is left in the source when the target has it.</summary>
    public ReadOnlyMemory<byte> Mark() => new KvEnvelope(Envelope.WriteId, Seen.Version, 0, Envelope.Fence) { Flags = KvFlags.Moved }.Wrap(
        Revision is null ? [] : [.. SHA256.HashData(Bytes.Span), .. Encoding.UTF8.GetBytes(Revision)]);

    /// <summary>It, with its contents, for the way back; no older than the mark in the source.</summary>
    public ReadOnlyMemory<byte> Freeze(long mark) => HasValue
        ? Changed(Bytes, KvFlags.Frozen, Math.Max(Seen.Version, mark))
        : new KvEnvelope(Guid.Empty, Math.Max(Seen.Version, mark), 0, 0) { Flags = KvFlags.Frozen | KvFlags.Tombstone }.Wrap([]);

    /// <summary>What was frozen, as it was before.</summary>
    public ReadOnlyMemory<byte> Thaw() => Changed(Bytes, Envelope.Flags & ~KvFlags.Frozen, Seen.Version);

    private static KeyForm FormOf(KvFlags flags) =>
        flags.HasFlag(KvFlags.Moved) ? KeyForm.Moved
        : flags.HasFlag(KvFlags.Frozen) ? KeyForm.Frozen
        : flags.HasFlag(KvFlags.Tombstone) ? KeyForm.Tombstone
        : KeyForm.Value;

    private static byte[] Changed(ReadOnlyMemory<byte> bytes, KvFlags flags, long version)
    {
        var changed = bytes.ToArray();
        changed[3] = (byte)flags;
        BinaryPrimitives.WriteInt64BigEndian(changed.AsSpan(20), version);
        return changed;
    }
}

/// <summary>What a mark says about what has moved.</summary>
/// <param name="Hash">SHA-256 of the record that was copied.</param>
/// <param name="Revision">Which it had in the source.</param>
internal readonly record struct MovedMark(ReadOnlyMemory<byte> Hash, string Revision)
{
    /// <summary>Null for a key that has begun in the target.</summary>
    public static MovedMark? Of(MovingRecord source) => source.Seen.Form == KeyForm.Moved && source.Bytes.Length > KvEnvelope.Size + SHA256.HashSizeInBytes
        ? new MovedMark(
            source.Bytes.Slice(KvEnvelope.Size, SHA256.HashSizeInBytes),
            Encoding.UTF8.GetString(source.Bytes.Span[(KvEnvelope.Size + SHA256.HashSizeInBytes)..]))
        : null;
}
