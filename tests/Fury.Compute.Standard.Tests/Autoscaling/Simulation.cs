using Fury.Compute.Standard.Autoscaling;
using Fury.Kernel;

namespace Fury.Compute.Standard.Tests.Autoscaling;

/// <summary>What a way of scaling has cost over a load.</summary>
/// <param name="UnderSeconds">In which the load was more than the replicas that were warm could carry at full use.</param>
/// <param name="InstanceHours">Of all replicas from asking for them to their end.</param>
internal sealed record Cost(double UnderSeconds, double InstanceHours)
{
    public static Cost operator +(Cost one, Cost other) => new(one.UnderSeconds + other.UnderSeconds, one.InstanceHours + other.InstanceHours);
}

/// <summary>Runs a load through a way of scaling: replicas take their time to carry a part, and metrics come late.</summary>
internal static class Simulation
{
    private const int Floor = 2;
    private const int Ceiling = 1000;
    private const double TargetPercent = 60;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(90);
    private static readonly DateTimeOffset Start = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The first day only learns.</summary>
    private const int Days = 4;

    public static Cost Fury(Func<TimeSpan, Random, double> load, int seed)
    {
        var policy = new AutoscalePolicy([new("cpu", TargetPercent)], [], (int)WarmUp.TotalSeconds);
        var state = AutoscaleState.New(Start);
        return Run(load, seed, (at, percent, replicas) =>
        {
            (state, var wanted) = Autoscaler.Decide(
                policy, state, new(at, new Dictionary<string, double> { ["cpu"] = percent }, replicas, Floor, Ceiling));
            return wanted.Replicas;
        });
    }

    /// <summary>
    /// The reactive baseline: in proportion to use over target, nothing within a tolerance of 10 percent, and down only to the largest of what was wanted
    /// within five minutes, as the autoscaler of Kubernetes does by default (its documentation, "Horizontal Pod Autoscaling": algorithm details,
    /// stabilization window).
    /// </summary>
    public static Cost Reactive(Func<TimeSpan, Random, double> load, int seed)
    {
        var wishes = new Queue<(DateTimeOffset At, int Replicas)>();
        return Run(load, seed, (at, percent, replicas) =>
        {
            var ratio = percent / replicas / TargetPercent;
            var wish = Math.Abs(ratio - 1) <= 0.1 ? replicas : (int)Math.Ceiling(replicas * ratio);
            wishes.Enqueue((at, wish));
            while (wishes.Peek().At < at - TimeSpan.FromMinutes(5))
            {
                wishes.Dequeue();
            }

            var stable = wishes.Max(one => one.Replicas);
            return Math.Clamp(wish >= replicas ? wish : Math.Min(replicas, stable), Floor, Ceiling);
        });
    }

    /// <param name="decide">Of the time, the percent of all replicas together, and how many are wanted so far.</param>
    private static Cost Run(Func<TimeSpan, Random, double> load, int seed, Func<DateTimeOffset, double, int, int> decide)
    {
        var chance = new Random(seed);
        var replicas = new List<TimeSpan>(Enumerable.Repeat(TimeSpan.FromHours(-1), 20));
        var cost = new Cost(0, 0);
        for (var at = TimeSpan.Zero; at < TimeSpan.FromDays(Days); at += Look)
        {
            var now = load(at, chance);
            var warm = replicas.Count(born => at - born >= WarmUp);
            if (at >= TimeSpan.FromDays(1))
            {
                cost += new Cost(now > warm ? Look.TotalSeconds : 0, replicas.Count * Look.TotalHours);
            }

            // A replica uses no more than all of itself, so what is too much is not seen.
            var wanted = decide(Start + at, 100 * Math.Min(now, warm), replicas.Count);
            replicas.AddRange(Enumerable.Repeat(at, Math.Max(0, wanted - replicas.Count)));
            replicas.RemoveRange(wanted, replicas.Count - wanted);
        }

        return cost;
    }
}
