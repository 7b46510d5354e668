using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Fury.Sidecar.Routing;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Endpoint = Fury.Sidecar.Routing.Endpoint;

namespace Fury.Sidecar.Following;

/// <summary>From resources to the sidecar's own words. Pure.</summary>
internal static class ResourceReading
{
    /// <summary>The name of the listener's routes.</summary>
    /// <exception cref="NotUnderstoodException"/>
    public static string Listener(Any resource)
    {
        var listener = Unpack<Listener>(resource);
        var manager = listener.ApiListener?.ApiListener_ is { } api
            ? Unpack<HttpConnectionManager>(api)
            : throw new NotUnderstoodException("it has no API listener");
        return manager.Rds?.RouteConfigName is { Length: > 0 } routes
            ? routes
            : throw new NotUnderstoodException("its routes do not come by RDS");
    }

    /// <exception cref="NotUnderstoodException"/>
    public static ScopeRoute Route(Any resource) => RouteReading.Read(Unpack<RouteConfiguration>(resource));

    /// <exception cref="NotUnderstoodException"/>
    public static PoolRules Cluster(Any resource)
    {
        var cluster = Unpack<Cluster>(resource);
        if (cluster.Type != Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType.Eds
            || (cluster.EdsClusterConfig?.ServiceName is { Length: > 0 } service && service != cluster.Name))
        {
            throw new NotUnderstoodException("its endpoints must come by EDS, under its own name");
        }

        return new(
            cluster.OutlierDetection is { } outliers ? Outliers(outliers) : null,
            cluster.CircuitBreakers?.Thresholds.FirstOrDefault(one => one.Priority == RoutingPriority.Default) is { } limits ? Limits(limits) : null);
    }

    /// <summary>Those that are ready; an empty list is known to be empty.</summary>
    /// <exception cref="NotUnderstoodException"/>
    public static IReadOnlyList<Endpoint> Endpoints(Any resource) =>
    [
        .. from locality in Unpack<ClusterLoadAssignment>(resource).Endpoints
           let place = locality.Locality is { } at ? new Place(at.Region, at.Zone, at.SubZone) : Place.Unknown
           from endpoint in locality.LbEndpoints
           where endpoint.HealthStatus is HealthStatus.Healthy or HealthStatus.Unknown
           select endpoint.Endpoint?.Address?.SocketAddress is { PortValue: > 0 and <= 65535 } address
               ? new Endpoint(address.Address, (int)address.PortValue) { Place = place }
               : throw new NotUnderstoodException("an endpoint has no address with a port"),
    ];

    private static OutlierRules? Outliers(OutlierDetection rules)
    {
        // Envoy's defaults where a number is left out; 0 of either turns it off.
        if (rules.Consecutive5Xx == 0 || rules.EnforcingConsecutive5Xx == 0)
        {
            return null;
        }

        var min = rules.BaseEjectionTime?.ToTimeSpan() ?? TimeSpan.FromSeconds(30);
        var max = rules.MaxEjectionTime?.ToTimeSpan() ?? TimeSpan.FromSeconds(300);
        return new(Int(rules.Consecutive5Xx, 5), min, max > min ? max : min, Int(rules.MaxEjectionPercent, 10));
    }

    private static PoolLimits Limits(Envoy.Config.Cluster.V3.CircuitBreakers.Types.Thresholds limits)
    {
        // A request takes a connection, or waits for one.
        var connections = (long)Int(limits.MaxConnections, 1024) + Int(limits.MaxPendingRequests, 1024);
        return new(
            (int)Math.Min(connections, Int(limits.MaxRequests, 1024)),
            Int(limits.MaxRetries, 3),
            limits.RetryBudget is null ? null : limits.RetryBudget.BudgetPercent?.Value ?? 20,
            Int(limits.RetryBudget?.MinRetryConcurrency, 3));
    }

    private static int Int(uint? number, int otherwise) => number is { } given ? (int)Math.Min(given, int.MaxValue) : otherwise;

    private static T Unpack<T>(Any resource)
        where T : class, IMessage<T>, new()
    {
        try
        {
            return resource.TryUnpack<T>(out var message)
                ? message
                : throw new NotUnderstoodException($"it is a {resource.TypeUrl}, not a {new T().Descriptor.FullName}");
        }
        catch (InvalidProtocolBufferException broken)
        {
            throw new NotUnderstoodException($"it is no {new T().Descriptor.FullName}: {broken.Message}");
        }
    }
}
