using Fury.Sdk;
using Fury.Sdk.Drivers;
using Fury.Sdk.KeyValue;

namespace Fury.Services.Attesting;

/// <summary>What a store does with conditions, with several keys at once, with reads and with scans.</summary>
internal sealed class KeyValueProbe(IKeyValueDriver store, Probe probe, TimeProvider clock)
{
    private const int RoundsCount = 4;

    /// <summary>Should the host die, the store drops it by itself, where it can.</summary>
    private static readonly TimeSpan DropsAfter = TimeSpan.FromMinutes(15);

    private readonly string _partition = Probe.NewName(clock);
    private readonly HashSet<string> _sorts = [];

    public async Task Run(CancellationToken cancellation)
    {
        try
        {
            await probe.Ask(store, KeyValueCapabilities.Cas, () => Compares(cancellation));
            await probe.Ask(store, KeyValueCapabilities.StrongRead, () => ReadsItsWrites(cancellation));
            await probe.Ask(store, KeyValueCapabilities.PrefixScan, () => Scans(cancellation));
            await probe.Ask(store, KeyValueCapabilities.PartitionTransaction, () => WritesAllOrNone(cancellation));
        }
        finally
        {
            await Probe.Clean(_sorts.ToList(), async (sort, stop) => await Delete(sort, KvGuard.None, stop), clock);
        }
    }

    /// <summary>Of many creators one wins, of many who change the same revision one wins, and an old revision never does.</summary>
    private async Task<bool> Compares(CancellationToken cancellation)
    {
        for (var round = 0; round < RoundsCount; round++)
        {
            var sort = $"cas-{round}";
            var created = await Probe.Race(() => Put(sort, KvGuard.Absent, cancellation));
            if (created.Where(one => one.Applied).ToList() is not [{ Revision: { } first }]
                || (await Put(sort, KvGuard.Absent, cancellation)).Applied)
            {
                return false;
            }

            var changed = await Probe.Race(() => Put(sort, KvGuard.At(first), cancellation));
            if (changed.Where(one => one.Applied).ToList() is not [{ Revision: { } second }]
                || second == first
                || (await Put(sort, KvGuard.At(first), cancellation)).Applied
                || (await Delete(sort, KvGuard.At(first), cancellation)).Applied
                || !(await Delete(sort, KvGuard.At(second), cancellation)).Applied)
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> ReadsItsWrites(CancellationToken cancellation)
    {
        for (var round = 0; round < RoundsCount; round++)
        {
            var written = await Put("read", KvGuard.None, cancellation);
            var seen = await store.GetAsync(Key("read"), ReadConsistency.Strong, cancellation);
            if (!written.Applied || seen?.Revision != written.Revision)
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> Scans(CancellationToken cancellation)
    {
        foreach (var sort in new[] { "scan-b", "scan-a", "scan-c", "scax" })
        {
            await Put(sort, KvGuard.None, cancellation);
        }

        var (all, rest) = (await Page(null), await Page("scan-a"));
        return all.SequenceEqual(["scan-a", "scan-b", "scan-c"]) && rest.SequenceEqual(["scan-b", "scan-c"]);

        async Task<IEnumerable<string?>> Page(string? after) =>
            (await store.ScanAsync(_partition, "scan-", after, 10, cancellation)).Select(item => item.Key.Sort);
    }

    /// <summary>Two keys at once; where one guard does not allow it, neither is written.</summary>
    private async Task<bool> WritesAllOrNone(CancellationToken cancellation)
    {
        await Put("all-there", KvGuard.None, cancellation);
        var refused = await store.TransactAsync(
            [Step("all-one", KvGuard.Absent), Step("all-there", KvGuard.Absent)], cancellation);
        if (refused is not null || await store.GetAsync(Key("all-one"), ReadConsistency.Strong, cancellation) is not null)
        {
            return false;
        }

        var written = await store.TransactAsync([Step("all-one", KvGuard.Absent), Step("all-two", KvGuard.Absent)], cancellation);
        return written is not null
            && await store.GetAsync(Key("all-one"), ReadConsistency.Strong, cancellation) is not null
            && await store.GetAsync(Key("all-two"), ReadConsistency.Strong, cancellation) is not null;
    }

    private async Task<KvWritten> Put(string sort, KvGuard guard, CancellationToken cancellation) =>
        await store.WriteAsync(Step(sort, guard), cancellation);

    private async Task<KvWritten> Delete(string sort, KvGuard guard, CancellationToken cancellation) =>
        await store.WriteAsync(new KvStep(KvStepKind.Delete, Key(sort), default, guard, null), cancellation);

    private KvStep Step(string sort, KvGuard guard)
    {
        lock (_sorts)
        {
            _sorts.Add(sort);
        }

        DateTimeOffset? expires = store.Declared.Has(KeyValueCapabilities.TimeToLive) ? clock.GetUtcNow() + DropsAfter : null;
        var envelope = new KvEnvelope(Guid.CreateVersion7(clock.GetUtcNow()), 1, expires?.ToUnixTimeMilliseconds() ?? 0, 0);
        return new KvStep(KvStepKind.Put, Key(sort), envelope.Wrap([]), guard, expires);
    }

    private KvKey Key(string sort) => new(_partition, sort);
}
