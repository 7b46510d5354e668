using Fury.Kernel;
using Fury.Sidecar.Routing;

namespace Fury.Sidecar.Following;

/// <summary>A pool as a route names it.</summary>
internal readonly record struct NamedPool(string Cluster, PoolId Pool, int Weight);

/// <summary>A route configuration, understood: one scope and where its requests go.</summary>
/// <param name="Pools">Those that requests are divided to by weight.</param>
internal sealed record ScopeRoute(ScopeRef Scope, IReadOnlyList<string> Hosts, IReadOnlyList<NamedPool> Pools, TrafficRules Rules)
{
    /// <summary>Without these the route leads nowhere.</summary>
    public IEnumerable<string> Needed => from pool in Pools where pool.Weight > 0 select pool.Cluster;

    /// <summary>Previews and mirrors only go to pools that are named here too.</summary>
    public IEnumerable<string> Clusters => from pool in Pools select pool.Cluster;
}

/// <summary>A resource that the sidecar cannot do what it says; the sentence goes into the refusal.</summary>
internal sealed class NotUnderstoodException(string message) : Exception(message);
