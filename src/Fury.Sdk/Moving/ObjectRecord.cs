using System.Security.Cryptography;
using System.Text;
using Fury.Sdk.Drivers;
using Fury.Sdk.Objects;

namespace Fury.Sdk.Moving;

/// <summary>
/// What one of the two buckets has under a key, without its bytes. Other than entries of a key-value store, objects have no version: what is newer is told by
/// looking at the source once more, so all that is there has the same one.
/// </summary>
internal readonly record struct ObjectRecord(KeySeen Seen, ObjectProperties? Stored) : IMovingRecord
{
    /// <summary>By which ETag people know it, behind the name of the move.</summary>
    private const string Known = "fury-move-etag";

    /// <summary>SHA-256 of the bytes, where the provider may not keep it; of a mark: of what has moved.</summary>
    private const string Hash = "fury-move-sha256";

    /// <summary>Drivers add it by themselves.</summary>
    private const string OfDriver = "fury-sha256";

    public string? Revision => Stored?.ETag.Value;

    /// <summary>Whether there is an object, be it expired or on its way back.</summary>
    public bool HasValue => Stored is not null && !ObjectEnvelope.IsNothing(Stored);

    public WriteCondition Condition => Stored is null ? WriteCondition.IfAbsent : WriteCondition.IfMatch(Stored.ETag);

    /// <summary>Empty where it is not known.</summary>
    public ReadOnlyMemory<byte> Sha256 =>
        Stored is { Sha256.Length: > 0 } ? Stored.Sha256
        : Stored?.Metadata.GetValueOrDefault(Hash) is { Length: 64 } text ? Convert.FromHexString(text)
        : ReadOnlyMemory<byte>.Empty;

    /// <summary>What a mark says of what has moved; empty for a key that had no object, or has begun in the target.</summary>
    public ReadOnlyMemory<byte> MovedSha256 =>
        Stored?.Metadata.GetValueOrDefault(Hash) is { Length: 64 } text ? Convert.FromHexString(text) : ReadOnlyMemory<byte>.Empty;

    public static ObjectRecord Of(ObjectProperties? stored) =>
        stored is null ? default : new ObjectRecord(new KeySeen(FormOf(stored), 1, WriteOf(stored)), stored);

    /// <summary>What stands in the place of an object: no two have the same bytes, so that they are told apart also where an ETag is by content.</summary>
    public static byte[] Nothing() => Encoding.ASCII.GetBytes($"fury-move {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}");

    public static ObjectHeaders NothingHeaders(string form, Guid write, ReadOnlyMemory<byte> moved = default)
    {
        var metadata = new Dictionary<string, string> { [ObjectEnvelope.Form] = form, [ObjectEnvelope.Write] = $"{write:N}" };
        if (!moved.IsEmpty)
        {
            metadata[Hash] = Convert.ToHexStringLower(moved.Span);
        }

        return new ObjectHeaders("application/octet-stream", metadata);
    }

    /// <summary>The ETag by which people know it: what was copied has that of what it is a copy of.</summary>
    public ETag Shown(string move) =>
        Stored!.Metadata.GetValueOrDefault(Known) is { } known && known.StartsWith(move + ' ', StringComparison.Ordinal)
            ? new ETag(known[(move.Length + 1)..])
            : Stored.ETag;

    /// <summary>As its provider would list it; there is an object.</summary>
    public ObjectListItem Listed(string key) => new(key, Stored!.Length, Stored.ETag, Stored.LastModified, false);

    /// <summary>Of a copy in the other bucket.</summary>
    /// <param name="form">Null: an object as it was.</param>
    public ObjectHeaders Copied(string move, ReadOnlyMemory<byte> sha256, string? form = null)
    {
        var metadata = new Dictionary<string, string>(Stored!.Metadata)
        {
            [ObjectEnvelope.Write] = $"{Seen.Write:N}",
            [Known] = $"{move} {Shown(move).Value}",
            [Hash] = Convert.ToHexStringLower(sha256.Span),
        };
        metadata.Remove(OfDriver);
        metadata.Remove(ObjectEnvelope.Form);
        if (form is not null)
        {
            metadata[ObjectEnvelope.Form] = form;
        }

        return Headers(metadata);
    }

    /// <summary>Of a copy under another key, which is a write of its own.</summary>
    public ObjectHeaders CopiedTo(Guid write)
    {
        var metadata = Stored!.Metadata.Where(each => each.Key is not (OfDriver or Known or Hash or ObjectEnvelope.Form)).ToDictionary();
        metadata[ObjectEnvelope.Write] = $"{write:N}";
        return Headers(metadata);
    }

    /// <summary>Providers are not told when it expires, so that they drop nothing by themselves while it moves.</summary>
    private ObjectHeaders Headers(Dictionary<string, string> metadata) => new(Stored!.ContentType, metadata)
    {
        ContentEncoding = Stored.ContentEncoding,
        CacheControl = Stored.CacheControl,
        ContentDisposition = Stored.ContentDisposition,
    };

    private static KeyForm FormOf(ObjectProperties stored) => stored.Metadata.GetValueOrDefault(ObjectEnvelope.Form) switch
    {
        ObjectEnvelope.Moved => KeyForm.Moved,
        ObjectEnvelope.Deleted => KeyForm.Tombstone,
        ObjectEnvelope.Frozen or ObjectEnvelope.FrozenDeleted => KeyForm.Frozen,
        _ => KeyForm.Value,
    };

    /// <summary>What others have written has no id of its write; its ETag stands for one.</summary>
    private static Guid WriteOf(ObjectProperties stored) => Guid.TryParseExact(ObjectEnvelope.WriteOf(stored), "N", out var write)
        ? write
        : new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{stored.Length} {stored.ETag.Value}")).AsSpan(0, 16));
}
