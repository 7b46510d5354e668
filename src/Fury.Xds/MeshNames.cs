using System.Diagnostics.CodeAnalysis;
using Fury.Kernel;

namespace Fury.Xds;

/// <summary>
/// How scopes and pools are named between control plane and proxies: <c>production-web.shop</c> is the listener and the routes of scope
/// <c>shop/production-web</c>, <c>production-web.shop/0199…</c> the cluster and the endpoints of one of its pools, and
/// <c>production-web.shop.localhost</c> the host that clients use. The part before the slash is the scope's key everywhere.
/// </summary>
public static class MeshNames
{
    /// <summary>Envoy's listener, and its routes to all that its scope depends on.</summary>
    public const string Outbound = "outbound";

    // Names under localhost are loopback on every machine (RFC 6761 §6.3), so they need no DNS.
    private const string HostSuffix = ".localhost";

    /// <summary>The scope's key.</summary>
    public static string Of(ScopeRef scope) => $"{scope.Scope}.{scope.Application}";

    /// <summary>The pool's cluster.</summary>
    public static string Of(ScopeRef scope, PoolId pool) => $"{Of(scope)}/{pool}";

    /// <summary>The host name by which clients reach the scope.</summary>
    public static string HostOf(ScopeRef scope) => $"{Of(scope)}{HostSuffix}";

    /// <summary>The key of the scope that a resource belongs to; the name itself where it belongs to none.</summary>
    public static string KeyOf(string resource)
    {
        var slash = resource.IndexOf('/');
        return slash < 0 ? resource : resource[..slash];
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

    /// <summary>The scope of a key.</summary>
    public static bool TryParseScope(string key, [NotNullWhen(true)] out ScopeRef? scope)
    {
        scope = key.Split('.') is [var first, var second]
            && ScopeName.TryParse(first, out var scopeName)
            && ApplicationName.TryParse(second, out var application)
                ? new ScopeRef(application, scopeName)
                : null;
        return scope is not null;
    }

    /// <summary>The pool of a cluster.</summary>
    public static bool TryParsePool(string cluster, out PoolId pool)
    {
        pool = default;
        var slash = cluster.IndexOf('/');
        return slash > 0 && PoolId.TryParse(cluster[(slash + 1)..], out pool);
    }
}
