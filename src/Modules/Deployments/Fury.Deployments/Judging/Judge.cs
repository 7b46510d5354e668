namespace Fury.Deployments.Judging;

/// <summary>
/// Judges a candidate beside the current pool by a recorded stream of ticks. Pure: the same ticks give the same judgements, wherever and whenever.
/// See <c>docs/judge.md</c>.
/// </summary>
internal static class Judge
{
    /// <summary>
    /// The judgement after one more tick. A tick that is not newer than the last changes nothing, so that one may be folded again after a crash.
    /// </summary>
    /// <exception cref="ArgumentException">The tick has no length.</exception>
    public static Judgement Fold(JudgePolicy policy, Judgement before, Tick tick)
    {
        if (tick.Span <= TimeSpan.Zero)
        {
            throw new ArgumentException($"A tick is longer than nothing, and not {tick.Span}.", nameof(tick));
        }

        if (tick.At <= before.At)
        {
            return before;
        }

        if (tick.Attempt != before.Attempt)
        {
            before = before.Anew() with { Attempt = tick.Attempt };
        }

        if (tick.Step != before.Step)
        {
            before = before.NextStep() with { Step = tick.Step };
        }

        var metrics = Metric.Of(policy);
        before = Prepare(before, metrics, tick);
        var fresh = Evidence.Fresh(TimeSpan.FromSeconds(before.Seconds), tick.Span);
        var stakes = new Dictionary<string, IReadOnlyList<Stake>>();
        List<Stratum> lanes = new(before.Lanes.Count);
        foreach (var lane in before.Lanes)
        {
            if (tick.Lanes.FirstOrDefault(here => here.Lane == lane.Name) is not { } here)
            {
                lanes.Add(lane);
                continue;
            }

            var (after, won) = lane.Fold(policy, metrics, before, tick, here);
            stakes[lane.Name] = won;
            lanes.Add(after with { Evidence = [.. lane.Evidence.Select((evidence, metric) => evidence.Fold(won[metric], fresh))] });
        }

        var whole = before.Whole.Select((evidence, metric) =>
            evidence.Fold(stakes.Count == 0 ? Stake.None : Stake.Sum([.. stakes.Values.Select(won => won[metric])]), fresh));
        return Decision.Of(
            policy,
            metrics,
            before,
            before with { At = tick.At, Seconds = before.Seconds + tick.Span.TotalSeconds, Lanes = lanes, Whole = [.. whole], Dark = tick.Dark });
    }

    /// <summary>Evidence for each metric in the policy's order, and a place for each lane. A policy that was changed on the way begins what it adds.</summary>
    private static Judgement Prepare(Judgement before, IReadOnlyList<Metric> metrics, Tick tick)
    {
        List<Stratum> lanes = [.. before.Lanes];
        foreach (var here in tick.Lanes.Where(here => lanes.TrueForAll(lane => lane.Name != here.Lane)))
        {
            lanes.Add(new(here.Lane, []));
        }

        IReadOnlyList<Evidence> whole = [.. metrics.Select(metric => Of(before.Whole, metric) ?? Evidence.Begin(metric))];
        return before with
        {
            Whole = whole,
            // What the only lane had alone was the whole; from the second on each has its own.
            Lanes = lanes.Count == 1 ? lanes : [.. lanes.Select((lane, index) => lane with
            {
                Evidence =
                [
                    .. metrics.Select((metric, at) => Of(lane.Evidence, metric)
                        ?? (index == 0 && before.Lanes.Count == 1 ? whole[at] : Evidence.Begin(metric)).OfLane()),
                ],
            })],
        };

        static Evidence? Of(IReadOnlyList<Evidence> evidence, Metric metric) => evidence.FirstOrDefault(each => each.Metric == metric.Name);
    }
}
