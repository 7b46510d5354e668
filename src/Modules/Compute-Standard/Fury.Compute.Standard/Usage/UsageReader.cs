using Fury.Compute.Contracts;
using Fury.Compute.Engines;
using Fury.Compute.Standard.Launching;
using Fury.Compute.Standard.Pools;
using Fury.Kernel;
using Fury.Providers.Contracts;
using Microsoft.Extensions.Logging;

namespace Fury.Compute.Standard.Usage;

/// <summary>What replicas use, as the providers of their instances tell it.</summary>
internal sealed class UsageReader(IPoolStore store, InstanceProviders providers, TimeProvider clock, ILogger<UsageReader> log)
{
    /// <summary>Never throws but when cancelled: what is not told is left out.</summary>
    public Task<IReadOnlyList<ReplicaUsage>> Read(IReadOnlyCollection<PoolId> pools, CancellationToken cancellation) => UsageParts.Gather(
        stop => ByProvider(pools, stop),
        Ask,
        failed => log.LogDebug(failed, "What some replicas use is not told"),
        clock,
        cancellation);

    private async Task<IEnumerable<IGrouping<IInstanceProvider, Measured>>> ByProvider(
        IReadOnlyCollection<PoolId> pools, CancellationToken cancellation) =>
        from pool in await store.Find(pools, cancellation)
        let provider = providers.Of(pool.Spec.Location)
        where provider is not null
        from instance in pool.Instances
        where instance.ProviderId is not null
        group new Measured(pool.Spec.Id, instance.Id, instance.ProviderId!) by provider;

    private static async Task<IEnumerable<ReplicaUsage>> Ask(IGrouping<IInstanceProvider, Measured> asked, CancellationToken cancellation)
    {
        var byProviderId = asked.ToDictionary(one => one.ProviderId);
        var told = await asked.Key.Usage(byProviderId.Keys, cancellation);
        return told.IsOk
            ? from usage in told.Value
              let one = byProviderId[usage.Id]
              select new ReplicaUsage(one.Pool, one.Instance, usage.CpuSeconds, usage.MemoryBytes, usage.OutOfMemoryKills)
            : [];
    }

    private sealed record Measured(PoolId Pool, InstanceId Instance, string ProviderId);
}
