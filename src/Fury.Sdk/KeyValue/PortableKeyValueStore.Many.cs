using Fury.Sdk.Checks;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.KeyValue;

internal sealed partial class PortableKeyValueStore
{
    private const int WritesAtOnce = 8;

    public override async Task<bool> DeleteAsync(KvKey key, WriteCondition condition = default, CancellationToken cancellationToken = default)
    {
        KvChecks.Key(key);
        KvChecks.Condition(condition);
        if (condition.Rule == WriteRule.IfAbsent)
        {
            throw Failure.Invalid("Nothing can be deleted only if it is absent; IfMatch, IfPresent or no condition are right.");
        }

        if (condition.Rule != WriteRule.None)
        {
            _channel.Require(KeyValueCapabilities.Cas, $"The condition {condition.Rule}");
        }

        return await _channel.Invoke(
            Delete,
            null,
            (Store: this, Wish: new KvWish(Guid.Empty, key, condition, 0, null)),
            static (driver, call, state, stop) => state.Store.Remove(driver, call, state.Wish, stop),
            cancellationToken);
    }

    public override async Task<IReadOnlyList<BatchItem<KvKey, ETag?>>> WriteManyAsync(
        IReadOnlyList<KvOperation> operations, CancellationToken cancellationToken = default)
    {
        KvChecks.Operations(operations, KvChecks.BatchMax);
        if (operations.OfType<KvCheck>().FirstOrDefault() is { } check)
        {
            throw Failure.Invalid($"The check of {Check.Show(check.Key.ToString())} belongs into a transaction; a batch writes each by itself.");
        }

        var results = new BatchItem<KvKey, ETag?>[operations.Count];
        await Parallel.ForAsync(
            0,
            operations.Count,
            new ParallelOptions { MaxDegreeOfParallelism = WritesAtOnce, CancellationToken = cancellationToken },
            async (index, stop) => results[index] = await WriteOne(operations[index], stop));
        return results;
    }

    public override async Task<IReadOnlyList<ETag?>> TransactAsync(
        IReadOnlyList<KvOperation> operations, CancellationToken cancellationToken = default)
    {
        KvChecks.Transaction(operations);
        _channel.Require(KeyValueCapabilities.PartitionTransaction, "A transaction");
        return await KvTransactions.Run(_channel, operations, cancellationToken);
    }

    public override Paged<KvEntry> Scan(string partition, string? sortPrefix = null)
    {
        Check.Key("partition", partition);
        if (!string.IsNullOrEmpty(sortPrefix))
        {
            Check.Key("sortPrefix", sortPrefix);
        }

        _channel.Require(KeyValueCapabilities.PrefixScan, "A scan");
        return new CursorPaged<KvEntry>((after, limit, stop) => Page(partition, sortPrefix ?? "", after, limit, stop));
    }

    /// <summary>
    /// Removes the very revision that was seen, so that an attempt whose answer was lost cannot remove what was written later. When the key is gone
    /// after such an attempt, it is taken to have been this one.
    /// </summary>
    private async ValueTask<bool> Remove(IKeyValueDriver driver, Call call, KvWish wish, CancellationToken cancellation)
    {
        var blind = !Capabilities.Has(KeyValueCapabilities.Cas);
        for (var round = 1; ; round++)
        {
            var there = await driver.GetAsync(wish.Key, ReadConsistency.Strong, cancellation);
            var envelope = there is { } item ? KvEnvelope.Read(item.Value.Span) : default;
            if (call.MayHaveWritten && !blind && !KvWriting.IsUntouched(wish, there))
            {
                return there is null ? true : throw new FuryException(
                    FuryErrorCode.Unavailable, "The answer was lost, and whether it was written cannot be told any more.")
                { OutcomeUnknown = true };
            }

            if (KvWriting.Refuse(wish, there, envelope, Now) is { } refusal)
            {
                throw refusal;
            }

            if (there is null || !envelope.IsLive(Now))
            {
                return false;
            }

            wish.LastGuard = blind ? KvGuard.None : KvGuard.At(there.Value.Revision);
            var written = await driver.WriteAsync(new KvStep(KvStepKind.Delete, wish.Key, default, wish.LastGuard, null), cancellation);
            if (written.Applied || blind)
            {
                return written.Applied;
            }

            if (round == KvWriting.RoundsMax)
            {
                throw Failure.Contended($"The key {Check.Show(wish.Key.ToString())}", round);
            }

            await KvWriter.Backoff(round, _channel.Clock, cancellation);
        }
    }

    private async ValueTask<BatchItem<KvKey, ETag?>> WriteOne(KvOperation operation, CancellationToken cancellation)
    {
        try
        {
            if (operation is KvPut put)
            {
                var options = new KvWriteOptions { Condition = put.Condition, TimeToLive = put.TimeToLive };
                return new(put.Key, await SetAsync(put.Key, put.Value, options, cancellation), null);
            }

            await DeleteAsync(operation.Key, operation.Condition, cancellation);
            return new(operation.Key, null, null);
        }
        catch (FuryException failure)
        {
            return new(operation.Key, null, failure);
        }
    }

    private async Task<Slice<KvEntry>> Page(string partition, string prefix, string? after, int limit, CancellationToken cancellation)
    {
        var items = await _channel.Invoke(
            ScanPage,
            null,
            (partition, prefix, after, limit),
            static (driver, _, state, stop) => driver.ScanAsync(state.partition, state.prefix, state.after, state.limit, stop),
            cancellation);
        // What has expired is left out of the page, but the page goes as far as the provider went.
        return new Slice<KvEntry>([.. items.Select(Live).OfType<KvEntry>()], items.Count < limit ? null : items[^1].Key.Sort ?? "");
    }
}
