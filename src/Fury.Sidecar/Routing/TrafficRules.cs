using Fury.Kernel;

namespace Fury.Sidecar.Routing;

/// <summary>How a scope's requests are treated, beside the weights of its pools. What is left out is off.</summary>
/// <param name="Timeout">From a request's arrival to the end of its answer.</param>
internal sealed record TrafficRules(
    TimeSpan? Timeout = null, RetryRules? Retries = null, AffinityRules? Affinity = null, MirrorRules? Mirror = null)
{
    public static TrafficRules None { get; } = new();

    /// <summary>Pools that a request may choose itself.</summary>
    public IReadOnlyList<PoolId> Previews { get; init; } = [];

    /// <summary>Requests are held while no pool has an endpoint, because they wake the scope; otherwise they are refused at once.</summary>
    public bool Holds { get; init; }
}

/// <param name="RetriesMax">Beyond the first attempt.</param>
/// <param name="PerTryTimeout">For each attempt, to the end of its answer.</param>
internal sealed record RetryRules(int RetriesMax, TimeSpan? PerTryTimeout);

/// <summary>Requests with the same value of a header or a cookie go to the same endpoint of a pool.</summary>
/// <param name="CookieTtl">Of the cookie that a client without one is given; zero for as long as it runs.</param>
internal sealed record AffinityRules(string? Header, string? Cookie, TimeSpan CookieTtl);

/// <param name="PerMillion">The share of the safe requests that is sent to <see cref="Pool"/> as well.</param>
internal sealed record MirrorRules(PoolId Pool, int PerMillion);

/// <summary>How a pool's endpoints are judged, and what it is protected by.</summary>
internal sealed record PoolRules(OutlierRules? Outliers = null, PoolLimits? Limits = null)
{
    public static PoolRules None { get; } = new();
}

/// <param name="ConsecutiveErrors">Answers of 5xx and requests without an answer, in a row.</param>
/// <param name="EjectionMin">The first time; twice as long each time after, up to <paramref name="EjectionMax"/>.</param>
internal sealed record OutlierRules(int ConsecutiveErrors, TimeSpan EjectionMin, TimeSpan EjectionMax, int EjectedPercentMax);

/// <param name="InFlightMax">Requests in the pool's hands at the same time, from this sidecar.</param>
/// <param name="RetriesMax">Of these, how many may be retries where there is no <paramref name="RetryPercent"/>.</param>
/// <param name="RetryPercent">Of the requests in flight, how many may be retries; <paramref name="RetriesMin"/> may be always.</param>
internal sealed record PoolLimits(int InFlightMax, int RetriesMax, double? RetryPercent, int RetriesMin);

/// <summary>When something was last used, as a timestamp of the clock; written by every request, so not more often than matters.</summary>
internal sealed class LastUse(long at)
{
    private long _at = at;

    public long At => Volatile.Read(ref _at);

    /// <param name="grain">A note that is younger than this is left as it is.</param>
    public void Note(long now, long grain)
    {
        if (now - At > grain)
        {
            Volatile.Write(ref _at, now);
        }
    }
}
