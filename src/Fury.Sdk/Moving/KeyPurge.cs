using Fury.Sdk.Drivers;
using Fury.Sdk.KeyValue;

namespace Fury.Sdk.Moving;

/// <summary>Removes what a move has left behind, when one store alone is bound again and nobody works by a phase any more.</summary>
internal static class KeyPurge
{
    private const int PageSize = 200;

    /// <summary>Everything, of the store that nothing is bound to.</summary>
    public static Task All(MovingStore store, CancellationToken cancellation) => Each(store, (key, _) =>
        store.Ask(driver => driver.WriteAsync(new KvStep(KvStepKind.Delete, key, default, KvGuard.None, null), cancellation), isWrite: false, cancellation),
        cancellation);

    /// <summary>
    /// Tombstones, and what has expired, of the store that is in use. During the move providers were not told when something expires, so they drop
    /// nothing of that time by themselves.
    /// </summary>
    /// <returns>When the last value expires that the provider may not know about; null: there is none, and nothing is left to do.</returns>
    public static async Task<DateTimeOffset?> Dead(MovingStore store, TimeProvider clock, CancellationToken cancellation)
    {
        DateTimeOffset? last = null;
        await Each(store, async (key, record) =>
        {
            var now = clock.GetUtcNow();
            if (record.Revision is null || record.Envelope.IsLive(now))
            {
                last = record.Envelope.ExpiresAt is { } end && !(end <= last) ? end : last;
                return default;
            }

            // What was written since stays.
            var step = new KvStep(KvStepKind.Delete, key, default, record.Guard, null);
            return await store.Ask(driver => driver.WriteAsync(step, cancellation), isWrite: false, cancellation);
        }, cancellation);
        return last;
    }

    private static async Task Each(MovingStore store, Func<KvKey, MovingRecord, ValueTask<KvWritten>> act, CancellationToken cancellation)
    {
        string? from = null;
        do
        {
            var page = await store.Ask(driver => driver.KeysAsync(from, PageSize, cancellation), isWrite: false, cancellation);
            foreach (var key in page.Keys)
            {
                await act(key, await store.Look(key, cancellation));
            }

            from = page.Next;
        }
        while (from is not null);
    }
}
