using System.Collections.Immutable;
using Fury.Kernel;

namespace Fury.Compute.Standard.Autoscaling;

/// <summary>What is remembered of a scope between two looks. Bounded: <see cref="Peaks"/> has at most one entry for each look of a cool-down.</summary>
/// <param name="At">Of the last look.</param>
/// <param name="Peaks">Needs of a cool-down, falling: a later one that is as high makes an earlier one needless.</param>
/// <param name="BucketNeed">The largest need of the day's bucket that is being filled.</param>
internal sealed record AutoscaleState(
    DateTimeOffset At, Trend Trend, ImmutableList<(DateTimeOffset At, double Need)> Peaks, DayProfile Day, double BucketNeed)
{
    public static AutoscaleState New(DateTimeOffset now, DayProfile? day = null) => new(now, Trend.Of(0), [], day ?? DayProfile.None, 0);

    /// <summary>Nothing was seen yet.</summary>
    public bool IsNew => Peaks.IsEmpty;
}

/// <summary>
/// The one decision about the size of a pool. A need is counted in replicas that each carry their target. Replicas come when the need of now, of the trend a
/// warm-up ahead, or of the same time of the days before wants them; they go when none of the needs of a cool-down does, and none that is foreseen within the
/// next. Pure.
/// </summary>
internal static class Autoscaler
{
    /// <summary>A trend is believed for no more than this many times the need of now.</summary>
    private const double TrendMax = 2;

    /// <summary>A reading that is above the level by less than this part is taken for noise.</summary>
    private const double NoisePart = 0.15;

    /// <summary>Fewer replicas than this part of all are not worth a change.</summary>
    private const double TolerancePart = 0.05;

    public static (AutoscaleState State, Wanted Wanted) Decide(AutoscalePolicy policy, AutoscaleState state, Reading reading)
    {
        var needs = policy.Targets
            .Where(target => reading.Values.ContainsKey(target.Metric))
            .Select(target => (target.Metric, Need: reading.Values[target.Metric] / target.PerReplica))
            .ToList();
        var (metric, read) = needs.Count == 0 ? ("", 0) : needs.MaxBy(one => one.Need);
        var stepped = reading.Floor + policy.Steps
            .Where(step => reading.Values.TryGetValue(step.Metric, out var value) && value >= step.From)
            .Select(step => step.Replicas)
            .DefaultIfEmpty(0)
            .Max();

        // What is dark might want more than what is seen: then nothing goes, and what is seen may add.
        var mayShrink = reading.MayShrink && policy.Metrics().All(reading.Values.ContainsKey);
        var next = needs.Count == 0 && policy.Targets.Count > 0 ? state : See(policy, state, read, stepped, reading.At);
        var need = Steady(next.Trend, read);
        var warmUp = TimeSpan.FromSeconds(policy.WarmUpSeconds);
        var ahead = Foreseen(next, need, reading.At, warmUp);
        var wanted = Clamp(Math.Max(Replicas(Math.Max(need, ahead)), stepped), reading);
        if (wanted >= reading.Replicas)
        {
            return (next, new(wanted, Why(metric, need, ahead, wanted, stepped, reading)));
        }

        var coolDown = TimeSpan.FromSeconds(policy.CoolDownSeconds);
        var lately = next.Peaks.IsEmpty ? reading.Replicas : next.Peaks[0].Need;
        var soon = Foreseen(next, need, reading.At, warmUp + coolDown);
        var enough = Clamp(Math.Max(Replicas(Math.Max(Math.Max(lately, soon), ahead)), stepped), reading);
        var isWorthIt = reading.Replicas - enough > reading.Replicas * TolerancePart;
        return mayShrink && enough < reading.Replicas && isWorthIt
            ? (next, new(enough, $"For {coolDown.TotalSeconds:0} s no more than {enough} replicas were needed, and no more will be soon."))
            : (next, new(Math.Max(reading.Floor, reading.Replicas), "It stays as it is."));
    }

    /// <summary>Without the noise of a single reading; what is far above all before is a rise.</summary>
    private static double Steady(Trend trend, double read) => read > trend.Level * (1 + NoisePart) ? read : trend.Level;

    private static AutoscaleState See(AutoscalePolicy policy, AutoscaleState state, double read, int stepped, DateTimeOffset at)
    {
        var trend = state.IsNew ? Trend.Of(read) : state.Trend.With(read, at - state.At);
        var need = Steady(trend, read);
        var peak = Math.Max(need, stepped);
        var kept = state.Peaks.RemoveAll(one => one.At + TimeSpan.FromSeconds(policy.CoolDownSeconds) < at || one.Need <= peak).Add((at, peak));
        var (before, now) = (DayProfile.BucketOf(state.At), DayProfile.BucketOf(at));
        var isSameBucket = before == now && at - state.At < TimeSpan.FromHours(1);
        return new(
            at,
            trend,
            kept,
            isSameBucket || state.IsNew ? state.Day : state.Day.With(before, state.BucketNeed),
            isSameBucket ? Math.Max(state.BucketNeed, need) : need);
    }

    /// <summary>The most that will be needed until then.</summary>
    private static double Foreseen(AutoscaleState state, double need, DateTimeOffset now, TimeSpan ahead)
    {
        var byTrend = Math.Min(state.Trend.After(ahead), TrendMax * Math.Max(need, state.Trend.Level));
        var byDay = Math.Max(need, state.Trend.Level) * Math.Max(state.Day.RiseUntil(now, now + ahead), state.Day.RiseUntil(now, now + (ahead / 2)));
        return Math.Max(state.Trend.PerSecond > 0 ? byTrend : 0, byDay > need ? byDay : 0);
    }

    /// <summary>As many as carry the need; a hair above a whole number is no reason for one more.</summary>
    private static int Replicas(double need) => (int)Math.Ceiling(Math.Min(need, int.MaxValue / 2) - 0.01);

    private static int Clamp(int replicas, Reading reading) => Math.Clamp(replicas, reading.Floor, Math.Max(reading.Floor, reading.Ceiling));

    private static string Why(string metric, double need, double ahead, int wanted, int stepped, Reading reading) =>
        wanted == reading.Ceiling && Math.Max(need, ahead) > wanted ? $"{metric} needs {Math.Max(need, ahead):0.0} replicas, more than its maximum."
        : wanted == reading.Floor ? "Its floor is enough."
        : wanted == stepped ? "A step of its policy wants so many."
        : ahead > need ? $"{metric} needs {need:0.0} replicas now, and {ahead:0.0} by the time they would be there."
        : $"{metric} needs {need:0.0} replicas.";
}
