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

/// <summary>
/// The names of the mesh: <c>production-web.shop</c> is the listener of scope <c>shop/production-web</c>, <c>production-web.shop/0199…</c> the
/// cluster of one of its pools, and <c>production-web.shop.localhost</c> the host that clients use.
/// </summary>
internal static class MeshNames
{
    private const string HostSuffix = ".localhost";

    public static bool TryParseScope(string name, out ScopeRef? scope)
    {
        scope = name.Split('.') is [var first, var second]
            && ScopeName.TryParse(first, out var scopeName)
            && ApplicationName.TryParse(second, out var application)
                ? new ScopeRef(application, scopeName)
                : null;
        return scope is not null;
    }

    public static bool TryParsePool(string cluster, out PoolId pool)
    {
        pool = default;
        var slash = cluster.IndexOf('/');
        return slash > 0 && PoolId.TryParse(cluster[(slash + 1)..], out pool);
    }

    /// <summary>The listener of a host name; null when no scope can have it.</summary>
    public static string? ListenerOf(string host)
    {
#pragma warning disable CA1308 // Host names are written in lower case.
        var name = host.ToLowerInvariant();
#pragma warning restore CA1308
        name = name.EndsWith(HostSuffix, StringComparison.Ordinal) ? name[..^HostSuffix.Length] : name;
        return TryParseScope(name, out _) ? name : null;
    }
}
