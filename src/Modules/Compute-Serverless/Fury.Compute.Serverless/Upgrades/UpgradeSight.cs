using System.Collections.Concurrent;
using Fury.ClusterApi.Contracts;
using Fury.Compute.Contracts;
using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Pools;
using Fury.Compute.Serverless.Registry;
using Fury.Compute.Serverless.Watching;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Upgrades;

/// <summary>What clusters look like now, to those who upgrade them.</summary>
internal sealed class UpgradeSight(
    ClusterStore clusters, IClusterApi api, ManagedClusters managed, IPoolStore pools, WatchStore watches, IDataPlane requests, TimeProvider clock)
{
    public const int LooksAtOnceMax = 32;

    /// <summary>A cluster that says nothing for so long is one that does not say.</summary>
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);

    /// <summary>What sets a cluster apart that has not had its turn is asked for again after so long.</summary>
    private static readonly TimeSpan TraitsKnownFor = TimeSpan.FromSeconds(30);

    private readonly ClusterJudge _judge = new(watches, requests);
    private readonly ConcurrentDictionary<string, (ClusterTraits? Traits, DateTimeOffset At)> _traits = new(StringComparer.Ordinal);

    /// <summary>A cluster as it is found when an upgrade is planned.</summary>
    public async Task<Candidate> Find(RegisteredCluster one, CancellationToken cancellation)
    {
        var (cluster, traits) = (one.Cluster, await Ask(one.Cluster.Name, cancellation));
        return new(
            cluster.Name, cluster.Provider, cluster.Region, cluster.Criticality, one.Access.Managed is not null, VersionOf(traits), TraitsOf(one, traits));
    }

    /// <summary>All targets of these upgrades that are worth a look, by cluster.</summary>
    public async Task<IReadOnlyDictionary<string, ClusterLook>> Look(IReadOnlyList<Upgrade> upgrades, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var registered = await clusters.List(cancellation);
        await _judge.Look(registered, await watches.RenewedAt(cancellation), now, cancellation);
        var byName = registered.ToDictionary(one => one.Cluster.Name);
        var worth = upgrades.SelectMany(one => one.Targets.Where(target => UpgradeRules.IsWorthALook(one, target))).DistinctBy(one => one.Cluster);
        var looks = new ConcurrentDictionary<string, ClusterLook>(StringComparer.Ordinal);
        var limits = new ParallelOptions { MaxDegreeOfParallelism = LooksAtOnceMax, CancellationToken = cancellation };
        await Parallel.ForEachAsync(worth, limits, async (target, stop) =>
            looks[target.Cluster] = byName.TryGetValue(target.Cluster, out var one)
                ? await Look(target, one, stop)
                : new(null, null, "", null, null));
        foreach (var gone in _traits.Keys.Except(byName.Keys).ToList())
        {
            _traits.TryRemove(gone, out _);
        }

        return looks;
    }

    private async Task<ClusterLook> Look(Target target, RegisteredCluster one, CancellationToken cancellation)
    {
        var name = target.Cluster;
        var served = _judge.Served.GetValueOrDefault(new(one.Cluster.Provider, one.Cluster.Region, name));
        var health = _judge.Health.GetValueOrDefault(name);
        var traits = await Traits(target, cancellation);
        var there = await pools.In(name, cancellation);
        var staying = there.Where(pool => pool.Phase == PoolPhase.Active && pool.ShareIn(name) is { Stays: true }).ToList();
        var move = target is { State: UpgradeTargetState.Upgrading, Ticket: { } ticket } && one.Access.Managed is { } its
            ? await managed.Upgrading(its, ticket, cancellation)
            : Fault.NotFound("move", name);
        return new(
            one.Cluster.Phase,
            health?.Phase,
            health?.Why ?? "It was not seen yet.",
            VersionOf(traits),
            TraitsOf(one, traits),
            served is { Requests: >= ClusterHealth.RequestsMin } ? (double)served.Failed / served.Requests : null,
            there.Count,
            staying.Sum(pool => pool.ShareIn(name)!.Replicas),
            staying.Sum(pool => pool.Replicas.Count(replica => replica.Cluster == name && replica.Phase == ReplicaPhase.Ready)),
            move.IsOk ? move.Value : null);
    }

    private async Task<ClusterTraits?> Traits(Target target, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        if (target.State == UpgradeTargetState.Waiting && _traits.TryGetValue(target.Cluster, out var known) && now - known.At < TraitsKnownFor)
        {
            return known.Traits;
        }

        var asked = await Ask(target.Cluster, cancellation);
        _traits[target.Cluster] = (asked, now);
        return asked;
    }

    /// <summary>What it runs and what sets it apart; null when it does not say.</summary>
    private async Task<ClusterTraits?> Ask(string cluster, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(AnswerWithin);
        try
        {
            var asked = await api.Traits(ClusterName.Parse(cluster), deadline.Token);
            return asked.IsOk ? asked.Value : null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private static MinorVersion? VersionOf(ClusterTraits? traits) => traits is null ? null : new(traits.Version.Major, traits.Version.Minor);

    /// <summary>With what people have said of its shape.</summary>
    private static IReadOnlyList<string>? TraitsOf(RegisteredCluster one, ClusterTraits? traits) =>
        traits is null ? null : one.Cluster.Shape.Length == 0 ? traits.Traits : [.. traits.Traits, $"said to be {one.Cluster.Shape}"];
}
