using Fury.Kernel;

namespace Fury.Mesh.Contracts;

/// <summary>Where a request may be sent.</summary>
public sealed record Endpoint(InstanceId Replica, string Address, int Port);

/// <summary>A pool as a proxy sees it. Endpoints are the ready ones only.</summary>
public sealed record WeightedPool(PoolId Pool, int Weight, IReadOnlyList<Endpoint> Endpoints)
{
    /// <summary>provider/region/group; empty when it is not known.</summary>
    public string Location { get; init; } = "";
}

/// <summary>A scope as a proxy sees it: its host names and its pools.</summary>
public sealed record ScopeRoutes(ScopeRef Scope, IReadOnlyList<string> Hosts, IReadOnlyList<WeightedPool> Pools);

/// <summary>What has changed for a proxy.</summary>
/// <param name="Version">The number to acknowledge once all of it is applied.</param>
/// <param name="Whole">The first update of a subscription holds every scope; scopes that it does not name are gone.</param>
/// <param name="Scopes">Scopes that are new or have changed, whole.</param>
public sealed record RoutingUpdate(long Version, bool Whole, IReadOnlyList<ScopeRoutes> Scopes);

/// <summary>
/// The seam between the control plane and a data plane. In one process it is called directly; between processes the same three calls
/// travel as xDS and load reports.
/// </summary>
public interface IRoutingFeed
{
    /// <summary>
    /// The whole state first, then changes as they come, each at most once and in the order of their versions. Nothing is sent before
    /// the state is loaded, so a restarted control plane never takes a route away by accident. Changes that come faster than they are
    /// read are merged.
    /// </summary>
    IAsyncEnumerable<RoutingUpdate> Subscribe(string proxy, CancellationToken cancellation);

    /// <summary>The proxy has applied <paramref name="version"/>: no request is routed by an older one from now on.</summary>
    ValueTask Applied(string proxy, long version, CancellationToken cancellation);

    /// <summary>
    /// Counters since this proxy started, for each pool whose numbers have changed since its last report. Called about once in
    /// <see cref="ReportInterval"/>, also with nothing to report: it is the sign of life. A proxy reports before it acknowledges a version,
    /// so that whoever sees the acknowledgement sees what was in flight by then.
    /// </summary>
    ValueTask Report(string proxy, IReadOnlyList<PoolTraffic> traffic, CancellationToken cancellation);

    /// <summary>How often a proxy reports.</summary>
    static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(250);
}
