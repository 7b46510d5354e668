using System.Globalization;
using Fury.Sdk.Checks;
using Fury.Sdk.Drivers;
using Fury.Sdk.KeyValue;

namespace Fury.Sdk.Local;

internal sealed class LocalKeyValue() : LocalDriver(
    KeyValueCapabilities.Cas,
    KeyValueCapabilities.TimeToLive,
    KeyValueCapabilities.PrefixScan,
    KeyValueCapabilities.PartitionTransaction,
    KeyValueCapabilities.StrongRead), IKeyValueDriver
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SortedList<string, Stored>> _partitions = [];
    private long _revision;

    public ValueTask<KvItem?> GetAsync(KvKey key, ReadConsistency consistency, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return ValueTask.FromResult<KvItem?>(Find(key) is { } stored ? new KvItem(key, stored.Value, stored.Revision) : null);
        }
    }

    public ValueTask<KvWritten> WriteAsync(KvStep step, CancellationToken cancellation)
    {
        lock (_gate)
        {
            var there = Find(step.Key);
            return ValueTask.FromResult(
                !step.Guard.Allows(there?.Revision) || (step.Kind == KvStepKind.Delete && there is null)
                    ? new KvWritten(false, null)
                    : new KvWritten(true, Apply(step)));
        }
    }

    public ValueTask<IReadOnlyList<string?>?> TransactAsync(IReadOnlyList<KvStep> steps, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return ValueTask.FromResult<IReadOnlyList<string?>?>(
                steps.All(step => step.Guard.Allows(Find(step.Key)?.Revision)) ? [.. steps.Select(Apply)] : null);
        }
    }

    public ValueTask<IReadOnlyList<KvItem>> ScanAsync(
        string partition, string prefix, string? after, int limit, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return ValueTask.FromResult<IReadOnlyList<KvItem>>(!_partitions.TryGetValue(partition, out var sorted) ? [] :
            [
                .. sorted
                    .Where(each => each.Key.StartsWith(prefix, StringComparison.Ordinal))
                    .Where(each => after is null || Utf8Order.Instance.Compare(each.Key, after) > 0)
                    .Take(limit)
                    .Select(each => new KvItem(
                        new KvKey(partition, each.Key.Length == 0 ? null : each.Key), each.Value.Value, each.Value.Revision)),
            ]);
        }
    }

    public ValueTask<KvKeyPage> KeysAsync(string? from, int limit, CancellationToken cancellation)
    {
        // A page ends with a key, told as the length of its partition and both parts.
        var colon = from?.IndexOf(':') ?? 0;
        var length = from is null ? 0 : int.Parse(from.AsSpan(0, colon), CultureInfo.InvariantCulture);
        var (partition, sort) = from is null ? ("", null) : (from.Substring(colon + 1, length), from[(colon + 1 + length)..]);
        lock (_gate)
        {
            List<KvKey> keys =
            [
                .. _partitions
                    .Where(each => string.CompareOrdinal(each.Key, partition) >= 0)
                    .OrderBy(each => each.Key, StringComparer.Ordinal)
                    .SelectMany(each => each.Value.Keys
                        .Where(other => sort is null || each.Key != partition || Utf8Order.Instance.Compare(other, sort) > 0)
                        .Select(other => new KvKey(each.Key, other.Length == 0 ? null : other)))
                    .Take(limit),
            ];
            return ValueTask.FromResult(new KvKeyPage(
                keys, keys.Count < limit ? null : $"{keys[^1].Partition.Length}:{keys[^1].Partition}{keys[^1].Sort}"));
        }
    }

    private Stored? Find(KvKey key) =>
        _partitions.TryGetValue(key.Partition, out var sorted) && sorted.TryGetValue(key.Sort ?? "", out var stored) ? stored : null;

    private string? Apply(KvStep step)
    {
        if (step.Kind == KvStepKind.Put)
        {
            if (!_partitions.TryGetValue(step.Key.Partition, out var sorted))
            {
                _partitions[step.Key.Partition] = sorted = new(Utf8Order.Instance);
            }

            var stored = new Stored(step.Value, (++_revision).ToString(CultureInfo.InvariantCulture));
            sorted[step.Key.Sort ?? ""] = stored;
            return stored.Revision;
        }

        if (step.Kind == KvStepKind.Delete && _partitions.TryGetValue(step.Key.Partition, out var from))
        {
            from.Remove(step.Key.Sort ?? "");
            if (from.Count == 0)
            {
                _partitions.Remove(step.Key.Partition);
            }
        }

        return null;
    }

    private sealed record Stored(ReadOnlyMemory<byte> Value, string Revision);
}
