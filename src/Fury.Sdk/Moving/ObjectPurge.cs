using Fury.Sdk.Drivers;
using Fury.Sdk.Objects;

namespace Fury.Sdk.Moving;

/// <summary>Removes what a move of objects has left behind, when one bucket alone is bound again and nobody works by a phase any more.</summary>
internal static class ObjectPurge
{
    private const int PageSize = 200;
    private const int AtOnce = 8;

    /// <summary>Everything, of the bucket that nothing is bound to.</summary>
    public static Task All(IObjectDriver bucket, CancellationToken cancellation) => Each(
        bucket, async (item, stop) => await bucket.Ask(each => each.DeleteAsync(item.Key, default, stop), isWrite: false, stop), cancellation);

    /// <summary>
    /// What says that there is no object, and what has expired, of the bucket that is in use. During the move providers were not told when something expires.
    /// </summary>
    public static Task Dead(IObjectDriver bucket, TimeProvider clock, CancellationToken cancellation) => Each(
        bucket,
        async (item, stop) =>
        {
            // What was written since stays.
            if (await ObjectPair.Look(bucket, item.Key, stop) is { Stored: { } stored } record
                && ObjectEnvelope.Open(stored, item.Key, clock.GetUtcNow()) is null)
            {
                await bucket.Ask(each => each.DeleteAsync(item.Key, record.Condition, stop), isWrite: false, stop);
            }
        },
        cancellation);

    private static async Task Each(IObjectDriver bucket, Func<ObjectListItem, CancellationToken, ValueTask> act, CancellationToken cancellation)
    {
        for (string? after = null; ;)
        {
            var items = await bucket.Ask(each => each.ListAsync("", null, after, PageSize, cancellation), isWrite: false, cancellation);
            await Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, act);
            if (items.Count < PageSize)
            {
                return;
            }

            after = items[^1].Key;
        }
    }
}
