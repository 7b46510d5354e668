using System.Globalization;
using System.Text;
using Fury.Sdk.Drivers;
using Fury.Sdk.KeyValue;

namespace Fury.Sdk.Etcd;

/// <summary>
/// A key for each entry; etcd's own revisions; conditions and writes are one transaction of etcd. An entry that expires has a lease, which lets etcd
/// drop it later. etcd keeps all keys in memory and the whole in a few GiB: it is for small stores.
/// </summary>
internal sealed class EtcdKeyValue(DriverContext context) : EtcdDriver(context), IKeyValueDriver
{
    /// <summary>etcd may drop what has expired so much later: its clock need not be ours.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    public override CapabilitySet Declared { get; } = CapabilitySet.Native(
        KeyValueCapabilities.Cas,
        KeyValueCapabilities.TimeToLive,
        KeyValueCapabilities.PrefixScan,
        KeyValueCapabilities.PartitionTransaction,
        KeyValueCapabilities.StrongRead);

    public async ValueTask<KvItem?> GetAsync(KvKey key, ReadConsistency consistency, CancellationToken cancellation)
    {
        var range = new EtcdRange(Key(key), Serializable: consistency == ReadConsistency.Strong ? null : true);
        return (await Range(range, cancellation)).Entries is [var entry] ? new KvItem(key, entry.Bytes, Text(entry.ModRevision)) : null;
    }

    public async ValueTask<KvWritten> WriteAsync(KvStep step, CancellationToken cancellation)
    {
        var outcome = await Apply([step], cancellation);
        return !outcome.Succeeded ? new KvWritten(false, null)
            : step.Kind == KvStepKind.Delete ? new KvWritten(outcome.Responses?[0].ResponseDeleteRange?.Deleted > 0, null)
            : new KvWritten(true, Text(outcome.Header.Revision));
    }

    public async ValueTask<IReadOnlyList<string?>?> TransactAsync(IReadOnlyList<KvStep> steps, CancellationToken cancellation)
    {
        var outcome = await Apply(steps, cancellation);
        return outcome.Succeeded ? [.. steps.Select(step => step.Kind == KvStepKind.Put ? Text(outcome.Header.Revision) : null)] : null;
    }

    public async ValueTask<IReadOnlyList<KvItem>> ScanAsync(
        string partition, string prefix, string? after, int limit, CancellationToken cancellation)
    {
        var (begin, all) = (Bytes(Entry(partition)), Bytes(Entry(partition) + prefix));
        var from = after is null ? all : Bytes(Entry(partition) + after + '\0');
        var found = await Range(new EtcdRange(from, After(all), limit), cancellation);
        return [.. found.Entries.Select(entry => Item(partition, Encoding.UTF8.GetString(entry.Key.AsSpan(begin.Length)), entry))];
    }

    private static KvItem Item(string partition, string sort, EtcdEntry entry) =>
        new(new KvKey(partition, sort.Length == 0 ? null : sort), entry.Bytes, Text(entry.ModRevision));

    private async ValueTask<EtcdOutcome> Apply(IReadOnlyList<KvStep> steps, CancellationToken cancellation)
    {
        List<EtcdCompare> compare = [];
        List<EtcdStep> writes = [];
        foreach (var step in steps)
        {
            var key = Key(step.Key);
            if (step.Guard.IsAbsent)
            {
                compare.Add(EtcdCompare.Absent(key));
            }
            else if (step.Guard.Revision is { } revision)
            {
                // Revision 0 is what etcd says of a key that is not there.
                compare.Add(EtcdCompare.At(key, long.TryParse(revision, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : -1));
            }

            if (step.Kind == KvStepKind.Put)
            {
                var lease = step.ExpiresAt is { } end ? await Grant(Seconds(end), cancellation) : (long?)null;
                writes.Add(new EtcdStep(RequestPut: new EtcdPut(key, step.Value.ToArray(), lease)));
            }
            else if (step.Kind == KvStepKind.Delete)
            {
                writes.Add(new EtcdStep(RequestDeleteRange: new EtcdRange(key)));
            }
        }

        return await Transact(compare, writes, null, cancellation);
    }

    private long Seconds(DateTimeOffset end) => Math.Max(0, (long)(end - Clock.GetUtcNow()).TotalSeconds) + (long)Grace.TotalSeconds;

    private byte[] Key(KvKey key) => Bytes(Entry(key.Partition) + key.Sort);

    /// <summary>With the partition's length before it, so that no partition and sort part look like others.</summary>
    private string Entry(string partition) => $"{Resource}/kv/{partition.Length}:{partition}:";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
