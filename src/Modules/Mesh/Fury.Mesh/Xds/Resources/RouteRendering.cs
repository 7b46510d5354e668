using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Fury.Mesh.Contracts;
using Fury.Xds;
using Google.Protobuf.WellKnownTypes;

namespace Fury.Mesh.Xds;

internal static class RouteRendering
{
    /// <summary>What a proxy may repeat without asking whether it does harm: nothing of the request has reached the application.</summary>
    private const string HttpRetryOn = "connect-failure,refused-stream";

    private const string GrpcRetryOn = "unavailable";

    private static readonly string[] SafeMethods = ["GET", "HEAD", "OPTIONS"];

    public static RouteConfiguration Routes(string name, IEnumerable<VirtualHost> hosts) => new() { Name = name, VirtualHosts = { hosts } };

    /// <summary>Envoy and the sidecar find a scope by the host of the request; a gRPC client has asked for it by name before.</summary>
    public static VirtualHost Host(MeshScope scope, Dialect dialect)
    {
        var name = MeshNames.Of(scope.Scope);
        var host = new VirtualHost { Name = name };
        host.Domains.Add(dialect switch
        {
            Dialect.Grpc => ["*"],
            Dialect.Fury => [MeshNames.HostOf(scope.Scope), name],
            _ => [name, $"{name}:*", $"{name}.localhost", $"{name}.localhost:*"],
        });
        if (scope.Policy.Preview)
        {
            host.Routes.Add(scope.Pools.SelectMany(pool => Previews(scope, pool, dialect)));
        }

        if (scope.Policy.Mirror is not null && dialect != Dialect.Grpc)
        {
            host.Routes.Add(Usual(scope, dialect, mirrored: true));
        }

        host.Routes.Add(Usual(scope, dialect, mirrored: false));
        return host;
    }

    private static IEnumerable<Route> Previews(MeshScope scope, WeightedPool pool, Dialect dialect)
    {
        yield return To(Exact(MeshProtocol.PoolHeader, $"{pool.Pool}", dialect));
        yield return To(Matching("cookie", $"(^|.*;\\s*){MeshProtocol.PoolCookie}={pool.Pool}(;.*|$)", dialect));

        Route To(HeaderMatcher match) => new()
        {
            Match = new() { Prefix = "/", Headers = { match } },
            Route_ = WithRules(new() { Cluster = MeshNames.Of(scope.Scope, pool.Pool) }, scope.Policy, dialect),
        };
    }

    private static Route Usual(MeshScope scope, Dialect dialect, bool mirrored)
    {
        var match = new RouteMatch { Prefix = "/" };
        if (mirrored)
        {
            match.Headers.Add(Matching(":method", string.Join('|', SafeMethods), dialect));
        }

        // Weights that add up to 0 are refused by every client, and a scope that nothing serves still is one.
        if (!scope.Pools.Any(pool => pool.Weight > 0))
        {
            return new() { Match = match, DirectResponse = new() { Status = 503, Body = new() { InlineString = $"Nothing serves {scope.Scope}." } } };
        }

        var action = WithRules(
            new()
            {
                WeightedClusters = new()
                {
                    // Older clients take the total for 100 unless they are told, such as gRPC's C++ core 1.51; newer ones go by the sum.
                    TotalWeight = dialect == Dialect.Fury ? null : MeshProtocol.WeightTotal,
                    // Those of weight 0 as well: they stay connected, and the sidecar falls back on them when no other has an endpoint.
                    Clusters =
                    {
                        scope.Pools.Select(pool => new WeightedCluster.Types.ClusterWeight
                        {
                            Name = MeshNames.Of(scope.Scope, pool.Pool),
                            Weight = (uint)(pool.Weight * MeshProtocol.WeightsPerPercent),
                        }),
                    },
                },
            },
            scope.Policy,
            dialect);
        if (mirrored && scope.Policy.Mirror is { } mirror)
        {
            action.RequestMirrorPolicies.Add(new RouteAction.Types.RequestMirrorPolicy
            {
                Cluster = MeshNames.Of(scope.Scope, mirror.Pool),
                RuntimeFraction = new() { DefaultValue = new() { Numerator = (uint)mirror.Percent } },
            });
        }

        return new() { Match = match, Route_ = action, Metadata = scope.Holds && dialect == Dialect.Fury ? Held() : null };
    }

    private static Metadata Held() =>
        new() { FilterMetadata = { [MeshProtocol.RouteMetadata] = new() { Fields = { [MeshProtocol.Hold] = Value.ForBool(true) } } } };

    private static RouteAction WithRules(RouteAction action, TrafficPolicy policy, Dialect dialect)
    {
        // Envoy's own default is 15 s, which would end streams; 0 is none.
        action.Timeout = Rendering.Milliseconds(policy.RequestTimeoutMs ?? 0);
        if (policy.RequestTimeoutMs is { } timeout)
        {
            action.MaxStreamDuration = new() { MaxStreamDuration_ = Rendering.Milliseconds(timeout) };
        }

        if (policy.Retries is { Attempts: > 0 } retries)
        {
            action.RetryPolicy = new()
            {
                RetryOn = dialect == Dialect.Grpc ? GrpcRetryOn : HttpRetryOn,
                NumRetries = (uint)retries.Attempts,
                RetryBackOff = new() { BaseInterval = Rendering.Milliseconds(25), MaxInterval = Rendering.Milliseconds(250) },
                PerTryTimeout = retries.PerTryTimeoutMs is { } perTry ? Rendering.Milliseconds(perTry) : null,
            };
        }

        if (dialect == Dialect.Grpc)
        {
            return action; // Its clusters have no ring.
        }

        if (policy.Affinity is { Header: { } header })
        {
            action.HashPolicy.Add(new RouteAction.Types.HashPolicy { Header = new() { HeaderName = header } });
        }
        else if (policy.Affinity is { Cookie: { } cookie } affinity)
        {
            action.HashPolicy.Add(new RouteAction.Types.HashPolicy
            {
                Cookie = new() { Name = cookie, Path = "/", Ttl = TimeSpan.FromSeconds(affinity.CookieTtlSeconds).ToDuration() },
            });
        }

        return action;
    }

    private static HeaderMatcher Exact(string name, string value, Dialect dialect) => dialect == Dialect.Grpc
        ? new() { Name = name, ExactMatch = value }
        : new() { Name = name, StringMatch = new() { Exact = value } };

    /// <summary>The whole value, by RE2.</summary>
    private static HeaderMatcher Matching(string name, string expression, Dialect dialect) => dialect == Dialect.Grpc
        ? new() { Name = name, SafeRegexMatch = new() { Regex = expression } }
        : new() { Name = name, StringMatch = new() { SafeRegex = new() { Regex = expression } } };
}
