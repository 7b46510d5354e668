using Fury.Deployments.Judging;

namespace Fury.Deployments.Tests.Judging;

/// <summary>What became of one simulated deployment. All spans are from the candidate's first request, or from when it became worse.</summary>
/// <param name="Excess">Errors up to the end that it would not have had as the current.</param>
internal sealed record Trial(Verdict Last, TimeSpan Ended, TimeSpan? Passed, int Nodes, double Excess)
{
    public bool Failed => Last.Kind == VerdictKind.Fail;

    /// <summary>Judges until it fails, or to the end; replicas that the judge calls ill are replaced at once.</summary>
    /// <param name="untilPassed">Or until it passes.</param>
    public static Trial Of(SimulatedTraffic traffic, int seed, TimeSpan span, JudgePolicy? policy = null, bool untilPassed = false)
    {
        policy ??= new();
        var judgement = Judgement.Begin();
        var (tick, nodes, excess, passed) = (-traffic.Before, 0, 0.0, (TimeSpan?)null);
        string[] Ill() => [.. judgement.Lanes.SelectMany(lane => lane.Health.Ill).Select(ill => ill.Replica)];
        foreach (var seen in traffic.Ticks(seed, (int)(span / traffic.Span), Ill))
        {
            judgement = Judge.Fold(policy, judgement, seen);
            tick++;
            excess += tick > traffic.Onset ? seen.Lanes.Sum(lane => lane.Candidate.Errors - (lane.Candidate.Requests * traffic.ErrorShare)) : 0;
            nodes += judgement.Verdict.Cause == Cause.Node ? 1 : 0;
            passed ??= judgement.Verdict.Kind == VerdictKind.Pass ? tick * traffic.Span : null;
            if (judgement.Verdict.Kind == VerdictKind.Fail || (untilPassed && passed is not null))
            {
                break;
            }
        }

        return new(judgement.Verdict, (tick - traffic.Onset) * traffic.Span, passed, nodes, excess);
    }

    public static Trial[] Many(int count, SimulatedTraffic traffic, TimeSpan span, int seed = 1, JudgePolicy? policy = null, bool untilPassed = false)
    {
        var trials = new Trial[count];
        Parallel.For(0, count, index => trials[index] = Of(traffic, seed + index, span, policy, untilPassed));
        return trials;
    }
}
