using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Fury.Mesh.Contracts;
using Google.Protobuf.WellKnownTypes;
using Breakers = Envoy.Config.Cluster.V3.CircuitBreakers;

namespace Fury.Mesh.Xds;

internal static class ClusterRendering
{
    private const string HttpOptions = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

    /// <summary>Endpoints are in the client's region; one that takes longer to connect to is as good as gone.</summary>
    private static readonly Duration ConnectTimeout = TimeSpan.FromSeconds(1).ToDuration();

    /// <summary>What a proxy goes by where nothing is said; a cluster is sent to very many, so what is usual is left out.</summary>
    private static readonly Contracts.CircuitBreakers Usual = new();

    /// <summary>Retries that are allowed whatever the budget says.</summary>
    private const uint RetriesMin = 3;

    /// <summary>Nothing of the endpoints is in it, so that their coming and going never changes a cluster.</summary>
    public static Cluster Cluster(string name, TrafficPolicy policy, Dialect dialect)
    {
        var cluster = new Cluster
        {
            Name = name,
            Type = Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType.Eds,
            // gRPC in C++ and Node knows no least request, and a ring ends the process of C++ 1.51 (https://github.com/grpc/grpc/issues/31766).
            LbPolicy = dialect == Dialect.Grpc ? Envoy.Config.Cluster.V3.Cluster.Types.LbPolicy.RoundRobin
                : policy.Affinity is not null ? Envoy.Config.Cluster.V3.Cluster.Types.LbPolicy.RingHash
                : Envoy.Config.Cluster.V3.Cluster.Types.LbPolicy.LeastRequest,
        };
        if (dialect != Dialect.Fury)
        {
            // The sidecar knows these by itself. The endpoints have the cluster's own name, which is what no name means.
            cluster.EdsClusterConfig = new() { EdsConfig = SameStream };
            cluster.ConnectTimeout = ConnectTimeout;
        }

        if (dialect == Dialect.Grpc)
        {
            // The others report what their bootstrap says.
            cluster.LrsServer = new() { Self = new() { TransportApiVersion = ApiVersion.V3 }, ResourceApiVersion = ApiVersion.V3 };
        }

        if (policy.Outliers is { } outliers)
        {
            cluster.OutlierDetection = Outliers(outliers);
        }

        if (policy.CircuitBreakers is not null || policy.Retries is not null)
        {
            cluster.CircuitBreakers = Limits(policy.CircuitBreakers ?? new(), policy.Retries);
        }

        if (policy.Http2 && dialect != Dialect.Grpc)
        {
            var options = new Envoy.Extensions.Upstreams.Http.V3.HttpProtocolOptions { ExplicitHttpConfig = new() { Http2ProtocolOptions = new() } };
            cluster.TypedExtensionProtocolOptions[HttpOptions] = Any.Pack(options);
        }

        return cluster;
    }

    /// <summary>By the stream that the asking resource came by. gRPC takes nothing else.</summary>
    public static ConfigSource SameStream => new() { Ads = new(), ResourceApiVersion = ApiVersion.V3 };

    private static Breakers Limits(Contracts.CircuitBreakers limits, RetryRules? retries)
    {
        var threshold = new Breakers.Types.Thresholds
        {
            MaxConnections = Unless(Usual.MaxConnections, limits.MaxConnections),
            MaxPendingRequests = Unless(Usual.MaxPendingRequests, limits.MaxPendingRequests),
            MaxRequests = Unless(Usual.MaxRequests, limits.MaxRequests),
            MaxRetries = Unless(Usual.MaxRetries, limits.MaxRetries),
        };
        if (retries is not null)
        {
            threshold.RetryBudget = new() { BudgetPercent = new() { Value = retries.BudgetPercent }, MinRetryConcurrency = RetriesMin };
        }

        return new() { Thresholds = { threshold } };

        static uint? Unless(int usual, int limit) => limit == usual ? null : (uint)limit;
    }

    /// <summary>Every number is written out: where one is left out, gRPC on Node 1.14 ends its whole process.</summary>
    private static OutlierDetection Outliers(OutlierRules rules) => new()
    {
        Consecutive5Xx = (uint)rules.Consecutive5xx,
        EnforcingConsecutive5Xx = 100,
        Interval = TimeSpan.FromSeconds(10).ToDuration(),
        BaseEjectionTime = TimeSpan.FromSeconds(rules.EjectionSeconds).ToDuration(),
        MaxEjectionTime = TimeSpan.FromSeconds(Math.Max(300, rules.EjectionSeconds)).ToDuration(),
        MaxEjectionPercent = (uint)rules.MaxEjectionPercent,
        EnforcingSuccessRate = 0,
        SuccessRateMinimumHosts = 5,
        SuccessRateRequestVolume = 100,
        SuccessRateStdevFactor = 1900,
        ConsecutiveGatewayFailure = (uint)rules.Consecutive5xx,
        EnforcingConsecutiveGatewayFailure = 0,
        ConsecutiveLocalOriginFailure = (uint)rules.Consecutive5xx,
        // gRPC counts failures by percentage only.
        FailurePercentageThreshold = 85,
        EnforcingFailurePercentage = 100,
        FailurePercentageMinimumHosts = 2,
        FailurePercentageRequestVolume = (uint)Math.Max(1, rules.Consecutive5xx),
    };
}
