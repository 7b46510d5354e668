using Fury.Benchmarks.Rollouts;
using Fury.Catalog.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Planning;
using Fury.Deployments.Tests.Judging;
using Fury.Kernel;

namespace Fury.Benchmarks.Day;

/// <summary>A scope as it is before its deployment.</summary>
/// <param name="RequestsPerSecond">On average; it swings with the time of day.</param>
/// <param name="Burst">How many errors come together on average.</param>
internal sealed record DayScope(double RequestsPerSecond, double ErrorShare, double Burst, int Replicas)
{
    private const int ReplicasMax = 6;

    /// <summary>From 2 to 5,000 requests/s, half of them below 60; one error in 10,000 to one in 200.</summary>
    public static DayScope Of(Random random)
    {
        var load = Math.Clamp(60 * Math.Exp(1.7 * SimulatedTraffic.Normal(random)), 2, 5000);
        return new(load, Math.Pow(10, -4 + (1.7 * random.NextDouble())), 1 + (9 * random.NextDouble()), Math.Clamp(2 + (int)(load / 50), 2, ReplicasMax));
    }

    /// <summary>As its owners have chosen: evidence where there is enough of it, steps of time where not, all at once where hardly anybody asks.</summary>
    public Strategy Strategy => RequestsPerSecond >= 200 ? Strategy.Safe : RequestsPerSecond >= 20 ? Strategy.Canary : Strategy.BlueGreen;

    /// <param name="sinceMidnight">The day's load is least then.</param>
    public double LoadAt(TimeSpan sinceMidnight) => RequestsPerSecond * (1 - (0.4 * Math.Cos(Math.Tau * sinceMidnight.TotalDays)));

    public static Release ReleaseOf(int number, int major) =>
        new SimulatedCatalog().Freeze(SimulatedCatalog.Scope(number), VersionName.Parse($"{major}.0.0"), default).Result.Value;

    public PoolPlan Pool(Release release, TimeProvider clock) => new(
        PoolId.New(clock), release.Id, release.Version, ComputeKind.Standard, Planner.FirstLocation, Replicas, Replicas, 40);
}
