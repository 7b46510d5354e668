using Envoy.Config.Route.V3;
using Fury.Kernel;
using Fury.Sidecar.Routing;
using Fury.Xds;
using Google.Protobuf.WellKnownTypes;

namespace Fury.Sidecar.Following;

/// <summary>
/// From a route configuration to what the sidecar does. It reads what the control plane writes for it, and refuses what it would have to
/// ignore: a rule that is silently left out is worse than one that is named in a refusal.
/// </summary>
internal static class RouteReading
{
    private const int Million = 1_000_000;

    /// <exception cref="NotUnderstoodException"/>
    public static ScopeRoute Read(RouteConfiguration routes)
    {
        if (routes.VirtualHosts is not [var host] || !MeshNames.TryParseScope(host.Name, out var scope))
        {
            throw new NotUnderstoodException("it must have one virtual host that is named scope.application");
        }

        RouteAction? usual = null;
        var (isServed, holds, mirror, previews) = (false, false, default(MirrorRules), new List<PoolId>());
        foreach (var route in host.Routes)
        {
            switch (WhichOf(route.Match))
            {
                case Which.Preview:
                    previews.Add(PoolOf(ActionOf(route).Cluster));
                    break;
                case Which.SafeMethods:
                    mirror = MirrorOf(route) ?? mirror;
                    break;
                default:
                    isServed = route.ActionCase == Route.ActionOneofCase.Route_;
                    usual ??= isServed ? ActionOf(route) : null;
                    holds |= isServed && IsHeld(route);
                    if (!isServed && route.DirectResponse is null)
                    {
                        throw new NotUnderstoodException($"an action of the kind {route.ActionCase} is not known here");
                    }

                    break;
            }
        }

        var pools = usual is null ? [] : PoolsOf(usual);
        var rules = usual is null ? TrafficRules.None : RulesOf(usual);
        return new(scope!, [.. host.Domains], pools, rules with { Mirror = mirror, Previews = [.. previews.Distinct()], Holds = holds });
    }

    private static bool IsHeld(Route route) =>
        route.Metadata is { } metadata
        && metadata.FilterMetadata.TryGetValue(MeshProtocol.RouteMetadata, out var told)
        && told.Fields.TryGetValue(MeshProtocol.Hold, out var hold)
        && hold.BoolValue;

    private enum Which
    {
        All,
        SafeMethods,
        Preview,
    }

    private static Which WhichOf(RouteMatch match)
    {
        if (match.PathSpecifierCase != RouteMatch.PathSpecifierOneofCase.Prefix || match.Prefix != "/" || match.QueryParameters.Count > 0)
        {
            throw new NotUnderstoodException("only routes by the prefix / are known here");
        }

        return match.Headers switch
        {
            [] => Which.All,
            [{ Name: ":method" }] => Which.SafeMethods,
            [{ Name: MeshProtocol.PoolHeader }] or [{ Name: "cookie" }] => Which.Preview,
            [var header, ..] => throw new NotUnderstoodException($"a match by the header '{header.Name}' is not known here"),
        };
    }

    private static RouteAction ActionOf(Route route) =>
        route.Route_ ?? throw new NotUnderstoodException($"an action of the kind {route.ActionCase} is not known here");

    private static List<NamedPool> PoolsOf(RouteAction action)
    {
        List<NamedPool> pools = action.ClusterSpecifierCase switch
        {
            RouteAction.ClusterSpecifierOneofCase.WeightedClusters =>
            [
                .. from cluster in action.WeightedClusters.Clusters
                   select new NamedPool(cluster.Name, PoolOf(cluster.Name), (int)Math.Min(cluster.Weight ?? 0, int.MaxValue)),
            ],
            RouteAction.ClusterSpecifierOneofCase.Cluster => [new(action.Cluster, PoolOf(action.Cluster), 1)],
            _ => throw new NotUnderstoodException("it must name its clusters"),
        };
        var sum = pools.Sum(pool => (long)pool.Weight);
        return sum is > 0 and <= int.MaxValue
            ? pools
            : throw new NotUnderstoodException($"the weights of its clusters add up to {sum}");
    }

    private static PoolId PoolOf(string cluster) => MeshNames.TryParsePool(cluster, out var pool)
        ? pool
        : throw new NotUnderstoodException($"the cluster '{cluster}' is not named scope.application/pool");

    private static TrafficRules RulesOf(RouteAction action) => new(
        Some(action.Timeout),
        action.RetryPolicy is { } retry ? new((int)Math.Min(retry.NumRetries ?? 1, 100), Some(retry.PerTryTimeout)) : null,
        action.HashPolicy.Select(AffinityOf).FirstOrDefault());

    private static AffinityRules AffinityOf(RouteAction.Types.HashPolicy policy) => policy.PolicySpecifierCase switch
    {
        RouteAction.Types.HashPolicy.PolicySpecifierOneofCase.Header => new(policy.Header.HeaderName, null, default),
        RouteAction.Types.HashPolicy.PolicySpecifierOneofCase.Cookie =>
            new(null, policy.Cookie.Name, policy.Cookie.Ttl?.ToTimeSpan() ?? TimeSpan.Zero),
        _ => throw new NotUnderstoodException($"affinity by {policy.PolicySpecifierCase} is not known here"),
    };

    private static MirrorRules? MirrorOf(Route route)
    {
        if (route.Route_?.RequestMirrorPolicies is not [var policy, ..])
        {
            return null;
        }

        var share = policy.RuntimeFraction?.DefaultValue;
        var perMillion = share is null
            ? Million
            : (long)share.Numerator * (share.Denominator switch
            {
                Envoy.Type.V3.FractionalPercent.Types.DenominatorType.Hundred => Million / 100,
                Envoy.Type.V3.FractionalPercent.Types.DenominatorType.TenThousand => Million / 10_000,
                _ => 1,
            });
        return new(PoolOf(policy.Cluster), (int)Math.Min(perMillion, Million));
    }

    /// <summary>Zero is none, as in Envoy.</summary>
    private static TimeSpan? Some(Duration? duration) =>
        duration?.ToTimeSpan() is { } time && time > TimeSpan.Zero ? time : null;
}
