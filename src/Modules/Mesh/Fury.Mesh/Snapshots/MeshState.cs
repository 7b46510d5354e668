using System.Collections.Immutable;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Xds;
using Fury.Xds;

namespace Fury.Mesh.Snapshots;

/// <summary>What differs from one snapshot to the next, by keys of scopes.</summary>
internal sealed record MeshStep(MeshSnapshot Snapshot, IReadOnlyCollection<string> Touched, IReadOnlyCollection<string> Callers);

/// <summary>All tables, endpoints, policies and dependencies of one revision, in memory. Not safe for threads; its owner locks.</summary>
internal sealed class MeshState
{
    private readonly Dictionary<ScopeRef, IReadOnlyList<PoolWeight>> _tables = [];
    private readonly Dictionary<PoolId, (string Location, IReadOnlyList<Endpoint> Endpoints)> _pools = [];
    private readonly Dictionary<ScopeRef, PolicyChange> _policies = [];

    public MeshSnapshot Snapshot { get; private set; } = MeshSnapshot.None;

    /// <summary>Takes the changes in. Costs what has changed, and a logarithm of what there is.</summary>
    public MeshStep Apply(RoutingChanges changes)
    {
        var touched = new HashSet<ScopeRef>();
        foreach (var table in changes.Tables)
        {
            _tables[table.Scope] = table.Pools;
            touched.Add(table.Scope);
        }

        foreach (var policy in changes.Policies)
        {
            _policies[policy.Scope] = policy;
            if (_tables.ContainsKey(policy.Scope))
            {
                touched.Add(policy.Scope);
            }
        }

        foreach (var pool in changes.Pools)
        {
            // A retired pool has no endpoints and gets none again; not known and known to be empty look the same.
            if (pool.Retired)
            {
                _pools.Remove(pool.Pool);
            }
            else
            {
                _pools[pool.Pool] = (pool.Location, pool.Endpoints);
            }

            if (_tables.TryGetValue(pool.Scope, out var table) && table.Any(entry => entry.Pool == pool.Pool))
            {
                touched.Add(pool.Scope);
            }
        }

        var (scopes, splits) = (Snapshot.Scopes.ToBuilder(), Snapshot.Splits);
        foreach (var scope in touched)
        {
            var key = MeshNames.Of(scope);
            var (before, now) = (scopes.GetValueOrDefault(key), Of(scope));
            scopes[key] = new ScopeEntry(now, before);
            splits = splits.After(key, before?.Scope.Pools ?? [], now.Pools);
        }

        var dependencies = Snapshot.Dependencies.ToBuilder();
        foreach (var change in changes.Dependencies)
        {
            dependencies[MeshNames.Of(change.Scope)] = change.On.Select(MeshNames.Of).ToImmutableHashSet(StringComparer.Ordinal);
        }

        Snapshot = new(changes.Revision, scopes.ToImmutable(), dependencies.ToImmutable()) { Splits = splits };
        return new(Snapshot, [.. touched.Select(MeshNames.Of)], [.. changes.Dependencies.Select(change => MeshNames.Of(change.Scope))]);
    }

    private MeshScope Of(ScopeRef scope)
    {
        var policy = _policies.GetValueOrDefault(scope) ?? new(scope, TrafficPolicy.Default);
        return new(scope, PoolsOf(scope), policy.Policy) { Holds = policy.Holds };
    }

    private IReadOnlyList<WeightedPool> PoolsOf(ScopeRef scope) =>
    [
        .. from entry in _tables[scope]
           let pool = _pools.GetValueOrDefault(entry.Pool, ("", []))
           select new WeightedPool(entry.Pool, entry.Weight, pool.Location, pool.Endpoints),
    ];
}
