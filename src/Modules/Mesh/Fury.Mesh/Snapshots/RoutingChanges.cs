using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Xds;

namespace Fury.Mesh.Snapshots;

/// <summary>What has changed since a revision, in any order.</summary>
/// <param name="Revision">Everything up to it is in the lists, or was known before.</param>
internal sealed record RoutingChanges(
    long Revision,
    IReadOnlyList<TableChange> Tables,
    IReadOnlyList<PoolChange> Pools,
    IReadOnlyList<PolicyChange> Policies,
    IReadOnlyList<DependencyChange> Dependencies)
{
    /// <summary>Keys of the scopes whose routes have changed, and not only endpoints.</summary>
    public IEnumerable<string> Routed => Tables.Select(table => table.Scope).Concat(Policies.Select(policy => policy.Scope)).Select(MeshNames.Of);
}

internal sealed record TableChange(ScopeRef Scope, IReadOnlyList<PoolWeight> Pools);

internal sealed record PoolChange(PoolId Pool, ScopeRef Scope, string Location, IReadOnlyList<Endpoint> Endpoints, bool Retired);

/// <param name="Holds">Whether requests are held while no pool of the scope has an endpoint.</param>
internal sealed record PolicyChange(ScopeRef Scope, TrafficPolicy Policy, bool Holds = false);

/// <param name="On">All that the scope depends on, declared and seen.</param>
internal sealed record DependencyChange(ScopeRef Scope, IReadOnlyList<ScopeRef> On);
