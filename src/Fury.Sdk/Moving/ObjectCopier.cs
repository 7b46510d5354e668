using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Moving;

/// <summary>Goes over the objects of two buckets.</summary>
internal sealed class ObjectCopier(ObjectPair pair, CopierOptions options, TimeProvider clock) : Copier<string>(options, clock)
{
    protected override async ValueTask<(IReadOnlyList<string> Keys, string? Next)> List(
        bool inTarget, string? from, int limit, CancellationToken cancellation)
    {
        var items = await (inTarget ? pair.Target : pair.Source).Ask(
            each => each.ListAsync("", null, from, limit, cancellation), isWrite: false, cancellation);
        return ([.. items.Select(item => item.Key)], items.Count < limit ? null : items[^1].Key);
    }

    protected override ValueTask HandOn(MovePhase phase, HandOffAim aim, string key, CancellationToken cancellation)
    {
        var at = new MovingObjectKey();
        return HandOn(phase, aim, at, step => pair.Do(step, key, at, cancellation), $"The object '{key}', which is handed over,");
    }

    protected override async ValueTask<KeyFound> Compare(MovePhase phase, string key, CancellationToken cancellation)
    {
        var source = await ObjectPair.Look(pair.Source, key, cancellation);
        var target = await ObjectPair.Look(pair.Target, key, cancellation);
        return phase == MovePhase.Returning ? await Back(key, source, target, cancellation) : await There(key, source, target, cancellation);
    }

    private async ValueTask<KeyFound> There(string key, ObjectRecord source, ObjectRecord target, CancellationToken cancellation) =>
        source.Seen.Form != KeyForm.Moved ? new(source.Seen.Form != KeyForm.Absent, false, false)
        // Of a key that has begun in the target, the mark says nothing.
        : source.MovedSha256 is not { IsEmpty: false } moved ? default
        : target.Seen.Form == KeyForm.Absent ? new(false, true, false)
        : new(false, false, target.Seen.Write == source.Seen.Write && await IsOther(pair.Target, key, target, moved, cancellation));

    private async ValueTask<KeyFound> Back(string key, ObjectRecord source, ObjectRecord target, CancellationToken cancellation) =>
        source.Seen.Form == KeyForm.Moved ? new(true, false, false)
        // What had only been copied, and never handed over, is in the target as it was and means nothing.
        : target.Seen.Form != KeyForm.Frozen ? new(source.Seen.Form == KeyForm.Absent && target.Seen.Form != KeyForm.Absent, false, false)
        : new(
            false,
            source.Seen.Form == KeyForm.Absent,
            source.HasValue && source.Seen.Write == target.Seen.Write && await IsOther(pair.Source, key, source, target.Sha256, cancellation));

    /// <summary>Whether the bytes are others than were copied, by reading them; no, when another write is there by now.</summary>
    private static async ValueTask<bool> IsOther(
        IObjectDriver bucket, string key, ObjectRecord there, ReadOnlyMemory<byte> copied, CancellationToken cancellation) =>
        there.HasValue && await ObjectTransfer.Hash(bucket, key, there.Stored!.ETag, cancellation) is { } hash
            && !hash.AsSpan().SequenceEqual(copied.Span);
}
