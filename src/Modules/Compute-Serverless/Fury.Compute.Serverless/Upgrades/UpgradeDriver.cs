using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Pools;
using Fury.Compute.Serverless.Registry;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.Extensions.Logging;

namespace Fury.Compute.Serverless.Upgrades;

/// <summary>Brings every upgrade on by <see cref="UpgradeRules"/>. What a crash leaves undone, the next pass does.</summary>
internal sealed partial class UpgradeDriver(
    IUpgradeStore store, UpgradeSight sight, ClusterStore clusters, ManagedClusters managed, IWake wake, TimeProvider clock, ILogger<UpgradeDriver> log)
    : IReconciler
{
    public const string ReconcilerName = "serverless.upgrades";

    public string Name => ReconcilerName;

    /// <summary>How late is seen what has become of a cluster; with no upgrade it is one look at an empty index.</summary>
    public TimeSpan Period { get; } = TimeSpan.FromSeconds(3);

    public bool OncePerPlatform => true;

    public async Task Pass(long fence, CancellationToken cancellation)
    {
        var active = await store.Active(cancellation);
        if (active.Count == 0)
        {
            return;
        }

        var looks = await sight.Look(active, cancellation);
        foreach (var one in active)
        {
            IReadOnlyList<UpgradeOrder> orders = [];
            await store.Change(
                one.Id,
                present =>
                {
                    (var next, orders) = UpgradeRules.Advance(present, looks, clock.GetUtcNow());
                    return next;
                },
                cancellation);
            foreach (var order in orders)
            {
                await Do(one, order, cancellation);
            }
        }
    }

    private async Task Do(Upgrade upgrade, UpgradeOrder order, CancellationToken cancellation)
    {
        switch (order)
        {
            case UpgradeOrder.Drain drain:
                await SetPhase(upgrade, drain.Cluster, ClusterPhase.Draining, cancellation);
                return;
            case UpgradeOrder.Fill fill:
                await SetPhase(upgrade, fill.Cluster, ClusterPhase.Active, cancellation);
                return;
            case UpgradeOrder.Move move:
                await Move(upgrade, move.Target, cancellation);
                return;
            default:
                throw new InvalidOperationException($"Nobody gives the order {order}.");
        }
    }

    private async Task SetPhase(Upgrade upgrade, string cluster, ClusterPhase phase, CancellationToken cancellation)
    {
        LogPhase(log, upgrade.Name, cluster, Word.Of(phase));
        await clusters.SetPhase(cluster, phase, cancellation);
        wake.Reconciler(PoolReconciler.ReconcilerName);
    }

    /// <summary>Asked again after a crash, its provider begins nothing twice.</summary>
    private async Task Move(Upgrade upgrade, Target target, CancellationToken cancellation)
    {
        if ((await clusters.Find(target.Cluster, cancellation))?.Access.Managed is not { } its)
        {
            return; // It is registered otherwise by now: whoever did that moves it, and the next look shows it.
        }

        var asked = await managed.Upgrade(its, $"{upgrade.Version}", cancellation);
        LogMove(log, upgrade.Name, $"{its}", asked.IsOk ? "begins" : asked.Fault.Message);
        await store.Change(
            upgrade.Id,
            present => present with
            {
                Targets = [.. present.Targets.Select(one => one.Cluster == target.Cluster ? UpgradeRules.Moved(one, asked, clock.GetUtcNow()) : one)],
            },
            cancellation);
    }

    [LoggerMessage(LogLevel.Information, "Upgrade {Upgrade}: cluster {Cluster} is set {Phase}")]
    private static partial void LogPhase(ILogger logger, string upgrade, string cluster, string phase);

    [LoggerMessage(LogLevel.Information, "Upgrade {Upgrade}: the move of {Cluster}: {Answer}")]
    private static partial void LogMove(ILogger logger, string upgrade, string cluster, string answer);
}
