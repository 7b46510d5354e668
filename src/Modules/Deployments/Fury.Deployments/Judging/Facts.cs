using System.Globalization;
using Fury.Kernel;

namespace Fury.Deployments.Judging;

/// <summary>The numbers behind a verdict, to be stored with it: who asks why finds every count, threshold and evidence here.</summary>
internal static class Facts
{
    /// <summary>The key of the number of the tick after which the verdict was this.</summary>
    public const string Tick = "tick";

    /// <summary>Of more lanes only those that fail are told.</summary>
    private const int LanesMax = 8;

    /// <summary>
    /// Keys are <c>metric.fact</c>, and <c>metric@lane.fact</c> where there are several lanes. Counts are events/total of this step; evidence is so many to
    /// one, and what was needed stands beside it.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Of(JudgePolicy policy, Judgement judgement)
    {
        Dictionary<string, string> facts = new()
        {
            ["verdict"] = Word.Of(judgement.Verdict.Kind),
            ["verdictCause"] = Word.Of(judgement.Verdict.Cause),
            ["sentence"] = judgement.Verdict.Reason,
            ["seconds"] = Number(judgement.Seconds),
        };
        var failing = judgement.Verdict.Failing ?? [];
        var lanes = judgement.Lanes.Count <= LanesMax
            ? judgement.Lanes : [.. judgement.Lanes.Where(lane => failing.Contains(lane.Name)).Take(LanesMax)];
        foreach (var metric in Metric.Of(policy).Where(metric => judgement.Whole.Any(evidence => evidence.Metric == metric.Name)))
        {
            var (candidate, current) = judgement.Tallies(metric.Name);
            Add(facts, metric, metric.Name, candidate, current, judgement.Of(metric));
            facts[$"{metric.Name}.needed"] = Odds(metric.Need);
            facts[$"{metric.Name}.neededToPass"] = Odds(-Math.Log(policy.FalsePass));
            facts[$"{metric.Name}.shadow"] = metric.Shadow ? "true" : "false";
            foreach (var lane in lanes)
            {
                var count = lane.Count(metric.Name);
                var key = judgement.Lanes.Count == 1 ? metric.Name : $"{metric.Name}@{lane.Name}";
                facts[$"{key}.dispersion"] = Number(count.Phi(judgement.Remembered));
                if (lane.Evidence.FirstOrDefault(evidence => evidence.Metric == metric.Name) is { } own)
                {
                    Add(facts, metric, key, count.Candidate, count.Current, own);
                }
            }
        }

        foreach (var lane in lanes)
        {
            if (lane.Health.Ill.Count > 0)
            {
                facts[$"ill@{lane.Name}"] = string.Join(", ", lane.Health.Ill.Select(ill => $"{ill.Replica} ({ill.Why})"));
            }

            if (lane.Work.Ratio is { } ratio)
            {
                facts[$"cpuRatio@{lane.Name}"] = Number(ratio);
            }

            if (lane.Work.Saturated.Total > 0)
            {
                facts[$"errorsWhileSaturated@{lane.Name}"] = Counted(lane.Work.Saturated);
                facts[$"errorsOtherwise@{lane.Name}"] = Counted(lane.Work.Relaxed);
            }
        }

        return facts;
    }

    private static void Add(Dictionary<string, string> facts, Metric metric, string key, Tally candidate, Tally current, Evidence evidence)
    {
        facts[$"{key}.candidate"] = Counted(candidate);
        facts[$"{key}.current"] = Counted(current);
        if (evidence.Worse.Length > 0)
        {
            facts[$"{key}.worse"] = Odds(Evidence.Of(evidence.Worse));
        }

        if (evidence.Over.Length > 0)
        {
            facts[$"{key}.overLimit"] = Odds(Evidence.Of(evidence.Over));
        }

        if (evidence.Without.MinBy(each => Evidence.Of(each.Worse)) is { } worst)
        {
            facts[$"{key}.worstReplica"] = worst.Replica;
            facts[$"{key}.worseWithoutIt"] = Odds(Evidence.Of(worst.Worse));
        }

        foreach (var (name, odds) in new[] { ("acceptable", evidence.Alike), ("negligible", evidence.Negligible), ("withinLimit", evidence.Within) })
        {
            if (odds.Length > 0)
            {
                facts[$"{key}.{name}"] = Odds(Evidence.Of(odds));
            }
        }
    }

    private static string Counted(Tally tally) => $"{Number(tally.Events)}/{Number(tally.Total)}";

    private static string Odds(double logarithm) => Number(Math.Exp(Math.Min(logarithm, 300)));

    private static string Number(double value) => value.ToString("G5", CultureInfo.InvariantCulture);
}
