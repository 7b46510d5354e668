using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Registry;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Upgrades;

/// <summary>Where upgrades are asked for: looks at every cluster before the first one begins.</summary>
internal sealed class UpgradeDesk(IUpgradeStore store, ClusterStore clusters, UpgradeSight sight, IWake wake, TimeProvider clock)
{
    /// <summary>The same request again returns the upgrade that is there.</summary>
    public async Task<Outcome<(Upgrade Upgrade, bool IsNew)>> Start(UpgradeRequest request, CancellationToken cancellation)
    {
        // Asked before anything is planned: what the request means may have changed since, by what the upgrade has done.
        var hash = Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(request, FuryJson.Options)));
        if (await store.Find(request.Name ?? "", hash, cancellation) is { } known)
        {
            return (known, false);
        }

        var written = await (await Plan(request, cancellation)).Then(upgrade => store.Add(upgrade, hash, cancellation));
        wake.Reconciler(UpgradeDriver.ReconcilerName);
        return written;
    }

    /// <summary>The upgrade as it would begin.</summary>
    public async Task<Outcome<Upgrade>> Plan(UpgradeRequest request, CancellationToken cancellation)
    {
        var read = request.Read(clock.GetUtcNow());
        if (!read.IsOk)
        {
            return read.Fault;
        }

        var upgrade = read.Value;
        var chosen = Choose(request, await clusters.List(cancellation));
        if (!chosen.IsOk)
        {
            return chosen.Fault;
        }

        var found = await Look(chosen.Value, cancellation);
        var check = new Validation();
        foreach (var (one, place) in found.Select((one, place) => (one, place)).Where(it => it.one.Version is { } its && its.CompareTo(upgrade.Version) < 0))
        {
            check.Require(
                upgrade.Version.IsNextAfter(one.Version!.Value),
                request.Clusters is null ? $"{upgrade.Version}" : one.Cluster,
                $"one minor version further: cluster {one.Cluster} is at {one.Version}, and control planes skip none",
                request.Clusters is null ? "version" : $"clusters[{place}]");
        }

        if (check.Fault is { } bad)
        {
            return bad;
        }

        var proven = await store.Proven(upgrade.Version, cancellation);
        var targets = UpgradePlan.Of(found, upgrade.Version);
        var waves = targets.Where(target => !target.IsOver).Select(target => target.Wave + 1).DefaultIfEmpty(0).Max();
        return UpgradeRules.Told(upgrade with
        {
            Targets = targets,
            Waves = waves,
            ProvenBefore = [.. proven.Keys],
            Shapes = proven,
        });
    }

    public Task<Outcome<Upgrade>> Find(Guid id, CancellationToken cancellation) => store.Find(id, cancellation);

    /// <summary>Newest first, without their targets.</summary>
    public Task<IReadOnlyList<Upgrade>> List(Guid? before, int limit, CancellationToken cancellation) => store.List(before, limit, cancellation);

    public Task<Outcome<Upgrade>> Ask(Guid id, UpgradeCommand command, string by, string reason, CancellationToken cancellation) =>
        Change(id, present => UpgradeCommands.Do(present, command, by, reason, clock.GetUtcNow()), cancellation);

    public Task<Outcome<Upgrade>> Ask(Guid id, string cluster, TargetCommand command, string by, string reason, CancellationToken cancellation) =>
        Change(id, present => UpgradeCommands.Do(present, cluster, command, by, reason, clock.GetUtcNow()), cancellation);

    private async Task<Outcome<Upgrade>> Change(Guid id, Func<Upgrade, Outcome<Upgrade>> change, CancellationToken cancellation)
    {
        var changed = await store.Change(id, present => change(present).Then<Upgrade>(next => UpgradeRules.Told(next)), cancellation);
        wake.Reconciler(UpgradeDriver.ReconcilerName);
        return changed;
    }

    /// <summary>The registered clusters that are meant, in the order of the request.</summary>
    private static Outcome<IReadOnlyList<RegisteredCluster>> Choose(UpgradeRequest request, IReadOnlyList<RegisteredCluster> registered)
    {
        var check = new Validation();
        List<RegisteredCluster> chosen = [];
        if (request.Clusters is not { } names)
        {
            chosen = [.. registered.Where(one => one.Cluster.Phase != ClusterPhase.Joining)];
            check.Require(chosen.Count >= 1, null, "given: no cluster is registered that takes work", "clusters");
            check.Require(
                chosen.Count <= UpgradeRequest.ClustersMax,
                null,
                $"at most {UpgradeRequest.ClustersMax} names, since {chosen.Count} are registered",
                "clusters");
            return check.Fault is { } none ? none : chosen;
        }

        foreach (var (name, place) in names.Select((name, place) => (name, place)))
        {
            var found = registered.FirstOrDefault(one => one.Cluster.Name == name);
            check.Require(found is not null, name, "a registered cluster", $"clusters[{place}]");
            check.Require(!chosen.Any(one => one.Cluster.Name == name), name, "given once", $"clusters[{place}]");
            if (found is not null)
            {
                chosen.Add(found);
            }
        }

        return check.Fault is { } bad ? bad : chosen;
    }

    private async Task<IReadOnlyList<Candidate>> Look(IReadOnlyList<RegisteredCluster> chosen, CancellationToken cancellation)
    {
        var found = new ConcurrentDictionary<string, Candidate>(StringComparer.Ordinal);
        var limits = new ParallelOptions { MaxDegreeOfParallelism = UpgradeSight.LooksAtOnceMax, CancellationToken = cancellation };
        await Parallel.ForEachAsync(chosen, limits, async (one, stop) => found[one.Cluster.Name] = await sight.Find(one, stop));
        return [.. chosen.Select(one => found[one.Cluster.Name])];
    }
}
