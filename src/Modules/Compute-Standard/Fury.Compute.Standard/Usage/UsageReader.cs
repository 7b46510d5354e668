using Fury.Compute.Contracts;
using Fury.Compute.Engines;
using Fury.Compute.Standard.Launching;
using Fury.Compute.Standard.Pools;
using Fury.Kernel;
using Fury.Providers.Contracts;
using Microsoft.Extensions.Logging;

namespace Fury.Compute.Standard.Usage;

/// <summary>What replicas use: as providers that only this host sees measure it, and as the agents in the instances of all others have told it.</summary>
internal sealed class UsageReader(IPoolStore store, UsageStore told, InstanceProviders providers, TimeProvider clock, ILogger<UsageReader> log)
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
        from instance in pool.Instances
        let provider = providers.Of(instance.Place)
        where provider is not null && instance.ProviderId is not null
        group new Measured(pool.Spec.Id, instance.Id, instance.Lot, instance.ProviderId!) by provider;

    private async Task<IEnumerable<ReplicaUsage>> Ask(IGrouping<IInstanceProvider, Measured> asked, CancellationToken cancellation)
    {
        if (asked.Key.IsShared)
        {
            return await Find([.. asked], cancellation);
        }

        var byProviderId = asked.ToDictionary(one => one.ProviderId);
        var measured = await asked.Key.Usage(byProviderId.Keys, cancellation);
        return measured.IsOk
            ? from usage in measured.Value
              let one = byProviderId[usage.Id]
              select new ReplicaUsage(one.Pool, one.Instance, usage.CpuSeconds, usage.MemoryBytes, usage.OutOfMemoryKills)
            : [];
    }

    private async Task<IEnumerable<ReplicaUsage>> Find(IReadOnlyList<Measured> asked, CancellationToken cancellation) =>
        from one in asked
        join usage in await told.Find([.. asked.Select(one => one.Lot).Distinct()], cancellation)
            on (one.Lot, OwnId(one.ProviderId)) equals (usage.Lot, usage.OwnId)
        select new ReplicaUsage(one.Pool, one.Instance, usage.Usage.CpuSeconds, usage.Usage.MemoryBytes, usage.Usage.OutOfMemoryKills)
        {
            At = usage.MeasuredAt,
        };

    /// <summary>Ids of providers that are shared begin with the region, which the agent inside does not say.</summary>
    private static string OwnId(string providerId) => providerId[(providerId.IndexOf('/', StringComparison.Ordinal) + 1)..];

    private sealed record Measured(PoolId Pool, InstanceId Instance, Guid Lot, string ProviderId);
}
