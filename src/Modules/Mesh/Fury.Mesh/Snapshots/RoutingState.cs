using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Mesh.Snapshots;

/// <summary>What has changed since a revision, in any order.</summary>
/// <param name="Revision">Everything up to it is in <see cref="Tables"/> and <see cref="Pools"/>, or was known before.</param>
internal sealed record RoutingChanges(
    long Revision,
    IReadOnlyList<TableChange> Tables,
    IReadOnlyList<PoolChange> Pools,
    IReadOnlyList<PolicyChange> Policies,
    IReadOnlyList<DependencyChange> Dependencies);

internal sealed record TableChange(ScopeRef Scope, IReadOnlyList<PoolWeight> Pools);

internal sealed record PoolChange(PoolId Pool, ScopeRef Scope, string Location, IReadOnlyList<Endpoint> Endpoints, bool Retired);

internal sealed record PolicyChange(ScopeRef Scope, TrafficPolicy Policy);

/// <param name="On">All that the scope depends on, declared and seen.</param>
internal sealed record DependencyChange(ScopeRef Scope, IReadOnlyList<ScopeRef> On);

/// <summary>All tables and endpoints of one revision, in memory. Not safe for threads; its owner locks.</summary>
internal sealed class RoutingState
{
    private readonly Dictionary<ScopeRef, IReadOnlyList<PoolWeight>> _tables = [];
    private readonly Dictionary<PoolId, IReadOnlyList<Endpoint>> _endpoints = [];
    private readonly Dictionary<ScopeRef, ScopeRoutes> _routes = [];

    /// <summary>-1: nothing is loaded.</summary>
    public long Revision { get; private set; } = -1;

    public IReadOnlyCollection<ScopeRoutes> All => _routes.Values;

    public ScopeRoutes Routes(ScopeRef scope) => _routes[scope];

    /// <summary>Takes the changes in and says which scopes look different to a proxy. Costs what has changed.</summary>
    public IReadOnlyCollection<ScopeRef> Apply(RoutingChanges changes)
    {
        var touched = new HashSet<ScopeRef>();
        foreach (var table in changes.Tables)
        {
            _tables[table.Scope] = table.Pools;
            touched.Add(table.Scope);
        }

        foreach (var pool in changes.Pools)
        {
            // A retired pool has no endpoints and gets none again; not known and known to be empty look the same.
            if (pool.Retired)
            {
                _endpoints.Remove(pool.Pool);
            }
            else
            {
                _endpoints[pool.Pool] = pool.Endpoints;
            }

            if (_tables.TryGetValue(pool.Scope, out var table) && table.Any(entry => entry.Pool == pool.Pool))
            {
                touched.Add(pool.Scope);
            }
        }

        foreach (var scope in touched)
        {
            _routes[scope] = SnapshotBuilder.Build(scope, _tables[scope], pool => _endpoints.GetValueOrDefault(pool, []));
        }

        Revision = changes.Revision;
        return touched;
    }
}
