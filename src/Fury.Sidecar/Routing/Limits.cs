namespace Fury.Sidecar.Routing;

/// <summary>What a pool is protected by. Pure.</summary>
internal static class Limits
{
    /// <param name="inFlight">This request included.</param>
    public static bool IsOverloaded(PoolLimits? limits, int inFlight) => limits is not null && inFlight > limits.InFlightMax;

    /// <summary>A budget keeps retries a share of the traffic, so that they do not bring down what is only slow.</summary>
    /// <param name="retries">Under way in the pool, this one included.</param>
    /// <param name="inFlight">Likewise.</param>
    public static bool MayRetry(PoolLimits? limits, int retries, int inFlight) =>
        limits is null
        || retries <= (limits.RetryPercent is { } percent ? Math.Max(limits.RetriesMin, (int)(inFlight * percent / 100)) : limits.RetriesMax);
}
