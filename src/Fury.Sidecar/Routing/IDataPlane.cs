using Fury.Kernel;

namespace Fury.Sidecar.Routing;

/// <summary>
/// What carries the requests. It is told what is in force and asked what it has counted; who tells it and who is told is the
/// <see cref="RouteFollower"/>'s concern, the same for each.
/// </summary>
internal interface IDataPlane
{
    /// <summary>
    /// Puts an update in force. When it returns, no request is routed by anything older, and each that was is in the numbers in flight. Throws
    /// when that cannot be said; what served before goes on serving.
    /// </summary>
    ValueTask Apply(RoutingUpdate update, CancellationToken cancellation);

    /// <summary>Ends when something is to be reported at once; never where nothing is.</summary>
    Task Urgent(CancellationToken cancellation) => Task.Delay(Timeout.InfiniteTimeSpan, cancellation);

    /// <summary>The pools whose counters differ from what was reported, and those that are out of the routes for long.</summary>
    ValueTask<TrafficNews> Read(IReadOnlyDictionary<PoolId, PoolTraffic> reported, CancellationToken cancellation);
}

/// <param name="Moved">Counters that are to be reported.</param>
/// <param name="Forgotten">Pools that are counted no more: they start at zero if they come back.</param>
internal sealed record TrafficNews(IReadOnlyList<PoolTraffic> Moved, IReadOnlyList<PoolId> Forgotten);
