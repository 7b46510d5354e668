using Fury.Kernel;

namespace Fury.Mesh.Xds;

/// <summary>
/// How scopes and pools are named towards proxies: <c>production-web.shop</c> is the listener and the routes of scope <c>shop/production-web</c>,
/// <c>production-web.shop/0199…</c> the cluster and the endpoints of one of its pools. The part before the slash is the scope's key everywhere.
/// </summary>
internal static class XdsNames
{
    /// <summary>Envoy's listener and its routes to all that its scope depends on.</summary>
    public const string Outbound = "outbound";

    public static string Of(ScopeRef scope) => $"{scope.Scope}.{scope.Application}";

    /// <summary>Names under <c>localhost</c> are loopback on every machine (RFC 6761 §6.3), so they need no DNS.</summary>
    public static string HostOf(ScopeRef scope) => $"{Of(scope)}.localhost";

    public static string Of(ScopeRef scope, PoolId pool) => $"{Of(scope)}/{pool}";

    /// <summary>The key of the scope that a resource belongs to; the name itself where it belongs to none.</summary>
    public static string KeyOf(string resource)
    {
        var slash = resource.IndexOf('/');
        return slash < 0 ? resource : resource[..slash];
    }

    public static bool TryParsePool(string cluster, out PoolId pool)
    {
        pool = default;
        var slash = cluster.IndexOf('/');
        return slash >= 0 && PoolId.TryParse(cluster[(slash + 1)..], out pool);
    }
}
