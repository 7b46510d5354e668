using System.Globalization;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.KeyValue;

/// <summary>
/// The ETag of an entry: the provider's revision, and when it expires (<c>revision@ms</c>), so that what has expired is refused without asking. While
/// data moves between providers, and their revisions with it, it is the id of the write instead (<c>~id@ms</c>), which is known again in any of them.
/// </summary>
internal static class KvRevisions
{
    private const char OfWrite = '~';
    private const int OfWriteLength = 33;

    public static ETag Tag(string revision, KvEnvelope envelope)
    {
        var shown = revision.StartsWith(OfWrite) ? revision[..OfWriteLength] : revision;
        return new(envelope.ExpiresMs == 0 ? shown : string.Create(CultureInfo.InvariantCulture, $"{shown}@{envelope.ExpiresMs}"));
    }

    /// <summary>The revision of an entry whose store moves: <c>~id</c>, and where it came from, the revision there: <c>~id~revision</c>.</summary>
    public static string OfMoving(Guid write, string? before) => $"{OfWrite}{write:N}{(before is null ? "" : $"{OfWrite}{before}")}";

    /// <summary>Whether a revision that is compared is that of this write.</summary>
    /// <param name="before">The revision where it is, or was before it moved here.</param>
    public static bool IsOf(string compared, Guid write, string? before) => NamesWrite(compared)
        ? Guid.TryParseExact(compared.AsSpan(1, Math.Min(OfWriteLength, compared.Length) - 1), "N", out var id) && id == write
        : compared == before;

    /// <summary>Whether it can be compared only with what was read.</summary>
    public static bool NamesWrite(string compared) => compared.StartsWith(OfWrite);

    /// <summary>Whether the tag is of what is there.</summary>
    public static bool Matches(ETag tag, string revision, KvEnvelope envelope)
    {
        if (!NamesWrite(tag.Value) && !NamesWrite(revision))
        {
            return tag == Tag(revision, envelope);
        }

        var at = tag.Value.LastIndexOf('@');
        var before = NamesWrite(revision) ? revision.Length > OfWriteLength ? revision[(OfWriteLength + 1)..] : null : revision;
        return IsOf(at < 0 ? tag.Value : tag.Value[..at], envelope.WriteId, before);
    }

    /// <summary>What must be there for the tag to match; null when that has expired.</summary>
    public static KvGuard? Guard(ETag tag, DateTimeOffset now)
    {
        var at = tag.Value.LastIndexOf('@');
        return at < 0 ? KvGuard.At(tag.Value)
            : long.TryParse(tag.Value.AsSpan(at + 1), CultureInfo.InvariantCulture, out var expires) && now.ToUnixTimeMilliseconds() >= expires ? null
            : KvGuard.At(tag.Value[..at]);
    }
}
