namespace Fury.Xds;

/// <summary>What Fury's control plane and its sidecar agree on beyond xDS itself.</summary>
public static class MeshProtocol
{
    /// <summary>The sidecar's <c>user_agent_name</c>: by it the control plane knows that it understands every rule.</summary>
    public const string SidecarAgent = "fury-sidecar";

    /// <summary>In a request, the id of the pool that it wants, where the scope's policy allows previews; in an answer, the pool that gave it.</summary>
    public const string PoolHeader = "x-fury-pool";

    /// <summary>As <see cref="PoolHeader"/> in a request.</summary>
    public const string PoolCookie = "fury-pool";

    /// <summary>Weights in routes are hundredths of a percent.</summary>
    public const uint WeightsPerPercent = 100;

    /// <summary>What the weights in a route add up to.</summary>
    public const uint WeightTotal = 100 * WeightsPerPercent;

    /// <summary>
    /// A named metric of a load report, in the manner of ORCA (https://github.com/cncf/xds/blob/main/xds/data/orca/v3/orca_load_report.proto):
    /// <c>num_requests_finished_with_metric</c> of the interval's requests got no answer.
    /// </summary>
    public const string Unanswered = "fury.unanswered";

    /// <summary>Likewise, of one locality: so many attempts were answered by a replica there, whatever the status.</summary>
    public const string Reached = "fury.reached";

    /// <summary>Likewise, of one locality: so many attempts could not connect to a replica there.</summary>
    public const string NotReached = "fury.not_reached";

    /// <summary>
    /// Likewise, with a bucket's index behind it: so many fell into that bucket of latencies (<c>Fury.Mesh.Contracts.Latency.BucketBounds</c>).
    /// </summary>
    public const string LatencyBucket = "fury.latency_bucket.";

    /// <summary>
    /// As <see cref="Unanswered"/>: so many requests wait now for the pool to have an endpoint. Reported at once when the first one does, since somebody may
    /// have to wake it.
    /// </summary>
    public const string Waiting = "fury.waiting";

    /// <summary>Under this name a route's <c>metadata.filter_metadata</c> has what only the sidecar is told; others ignore it.</summary>
    public const string RouteMetadata = "fury.route";

    /// <summary>In <see cref="RouteMetadata"/>: <c>true</c> where requests are held while no pool has an endpoint, because a request wakes the scope.</summary>
    public const string Hold = "hold";
}
