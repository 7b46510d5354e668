using Fury.Hosting;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Dependencies;
using Fury.Mesh.Feed;
using Fury.Mesh.Policies;
using Fury.Mesh.Proxies;
using Fury.Xds;
using Microsoft.Extensions.Configuration;

namespace Fury.Mesh.Routing;

/// <summary>The contract, kept.</summary>
internal sealed class RoutingTables(
    RoutingTableStore tables,
    ConvergenceWatch convergence,
    TrafficLedger traffic,
    DependencyStore dependencies,
    PolicyStore policies,
    IWake wake,
    IConfiguration settings) : IRoutingTables
{
    private const string ListenDefault = "http://127.0.0.1:7081";

    public async Task<Outcome<RoutingTable>> Publish(
        ScopeRef scope, IReadOnlyList<PoolWeight> pools, long fence, CancellationToken cancellation)
    {
        if (RoutingRules.Check(pools) is { } fault)
        {
            return fault;
        }

        return await tables.Publish(scope, pools, fence, Committed, cancellation);
    }

    public Task<RoutingTable> Current(ScopeRef scope, CancellationToken cancellation) => tables.Current(scope, cancellation);

    public Task<Convergence> Converged(ScopeRef scope, long version, TimeSpan patience, CancellationToken cancellation) =>
        convergence.Wait(scope, null, version, patience, cancellation);

    public Task<Convergence> Drained(ScopeRef scope, PoolId pool, long version, TimeSpan patience, CancellationToken cancellation) =>
        convergence.Wait(scope, pool, version, patience, cancellation);

    public Task<IReadOnlyList<PoolTraffic>> Traffic(IReadOnlyList<PoolId> pools, CancellationToken cancellation) =>
        traffic.Sum(pools, cancellation);

    public async Task<IReadOnlyList<ScopeRef>> Dependencies(ScopeRef scope, CancellationToken cancellation)
    {
        var found = await dependencies.Find(scope, cancellation);
        return [.. found.Declared.Concat(found.Seen).Order(StringComparer.Ordinal).Select(ScopeRef.Parse)];
    }

    public Task<long> Hold(ScopeRef scope, bool holds, CancellationToken cancellation) => policies.Hold(scope, holds, cancellation);

    public Uri Address(ScopeRef scope) =>
        new UriBuilder(settings["Sidecar:Listen"] ?? ListenDefault) { Host = MeshNames.HostOf(scope) }.Uri;

    private void Committed()
    {
        MeshMetrics.Publications.Add(1);
        wake.Reconciler(FeedReconciler.WakeName);
    }
}
