using Fury.Sdk.Bindings;
using Fury.Sdk.KeyValue;

namespace Fury.Sdk.Moving;

/// <summary>Goes over the keys of two key-value stores.</summary>
internal sealed class KeyCopier(MovingPair pair, CopierOptions options, TimeProvider clock) : Copier<KvKey>(options, clock)
{
    /// <summary>Whether a store has no key at all.</summary>
    public static async ValueTask<bool> IsEmpty(MovingStore store, CancellationToken cancellation)
    {
        string? from = null;
        do
        {
            var page = await store.Ask(driver => driver.KeysAsync(from, 1, cancellation), isWrite: false, cancellation);
            if (page.Keys.Count > 0)
            {
                return false;
            }

            from = page.Next;
        }
        while (from is not null);
        return true;
    }

    protected override async ValueTask<(IReadOnlyList<KvKey> Keys, string? Next)> List(
        bool inTarget, string? from, int limit, CancellationToken cancellation)
    {
        var page = await (inTarget ? pair.Target : pair.Source).Ask(
            driver => driver.KeysAsync(from, limit, cancellation), isWrite: false, cancellation);
        return (page.Keys, page.Next);
    }

    protected override ValueTask HandOn(MovePhase phase, HandOffAim aim, KvKey key, CancellationToken cancellation)
    {
        var at = new MovingKey();
        return HandOn(phase, aim, at, step => pair.Do(step, key, at, cancellation), "A key that is handed over");
    }

    protected override async ValueTask<KeyFound> Compare(MovePhase phase, KvKey key, CancellationToken cancellation)
    {
        var source = await pair.Source.Look(key, cancellation);
        var target = await pair.Target.Look(key, cancellation);
        return phase == MovePhase.Returning ? Back(source, target) : There(source, target);
    }

    private static KeyFound There(MovingRecord source, MovingRecord target)
    {
        if (source.Seen.Form != KeyForm.Moved)
        {
            return new(source.Seen.Form != KeyForm.Absent, false, false);
        }

        // Of a key that has begun in the target, the mark says nothing.
        return MovedMark.Of(source) is not { } mark ? default
            : new(
                false,
                target.Seen.Version < source.Seen.Version,
                target.Seen.Version == source.Seen.Version
                    && !System.Security.Cryptography.SHA256.HashData(target.Bytes.Span).AsSpan().SequenceEqual(mark.Hash.Span));
    }

    private static KeyFound Back(MovingRecord source, MovingRecord target)
    {
        var left = source.Seen.Form == KeyForm.Moved || target.Seen.Form is not (KeyForm.Frozen or KeyForm.Absent);
        // What had only been copied, and never handed over, is in the target as it was and means nothing.
        return source.Seen.Form is KeyForm.Value or KeyForm.Tombstone && target.Seen.Form != KeyForm.Frozen
            ? new(false, source.Seen.Version < target.Seen.Version, false)
            : new(
                left,
                !left && target.Seen.Form == KeyForm.Frozen && source.Seen.Version < target.Seen.Version,
                source.Seen.Version == target.Seen.Version && target.Seen.Form == KeyForm.Frozen
                    && source.Seen.Form != KeyForm.Moved && !target.Thaw().Span.SequenceEqual(source.Bytes.Span));
    }
}
