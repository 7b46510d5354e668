using Fury.Sdk;
using Fury.Sdk.Drivers;
using Fury.Sdk.KeyValue;

namespace Fury.Services.Tests.Attesting;

public enum Lie
{
    IgnoresAbsent,
    IgnoresRevisions,
    ReadsLate,
    ScansBackwards,
    ScansBeyond,
    TransactsOneByOne,
    TransactsNothing,
}

/// <summary>A store that says that it can what it cannot.</summary>
internal sealed class LyingStore(IKeyValueDriver honest, Lie lie) : IKeyValueDriver
{
    private KvItem? _before;

    public string Provider => "lying";

    public CapabilitySet Declared => honest.Declared;

    public ValueTask ProbeAsync(CancellationToken cancellation) => honest.ProbeAsync(cancellation);

    public ValueTask DisposeAsync() => honest.DisposeAsync();

    public async ValueTask<KvItem?> GetAsync(KvKey key, ReadConsistency consistency, CancellationToken cancellation)
    {
        var now = await honest.GetAsync(key, consistency, cancellation);
        var before = _before;
        _before = now;
        return lie == Lie.ReadsLate ? before : now;
    }

    public ValueTask<KvWritten> WriteAsync(KvStep step, CancellationToken cancellation) => honest.WriteAsync(
        lie switch
        {
            Lie.IgnoresAbsent when step.Guard.IsAbsent => step with { Guard = KvGuard.None },
            Lie.IgnoresRevisions when step.Guard.Revision is not null => step with { Guard = KvGuard.None },
            _ => step,
        },
        cancellation);

    public async ValueTask<IReadOnlyList<string?>?> TransactAsync(IReadOnlyList<KvStep> steps, CancellationToken cancellation)
    {
        if (lie == Lie.TransactsNothing)
        {
            throw new NotSupportedException();
        }

        if (lie != Lie.TransactsOneByOne)
        {
            return await honest.TransactAsync(steps, cancellation);
        }

        var revisions = new List<string?>();
        foreach (var step in steps)
        {
            if (await honest.WriteAsync(step, cancellation) is not { Applied: true, Revision: var revision })
            {
                return null;
            }

            revisions.Add(revision);
        }

        return revisions;
    }

    public async ValueTask<IReadOnlyList<KvItem>> ScanAsync(string partition, string prefix, string? after, int limit, CancellationToken cancellation)
    {
        var items = await honest.ScanAsync(partition, lie == Lie.ScansBeyond ? "" : prefix, after, limit, cancellation);
        return lie == Lie.ScansBackwards ? [.. items.Reverse()] : items;
    }
}
