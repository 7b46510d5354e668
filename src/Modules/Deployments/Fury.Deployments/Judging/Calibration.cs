namespace Fury.Deployments.Judging;

/// <summary>
/// A/A: a stable pool against itself. Whatever the judge finds there is a false alarm, so that its rate over many pools is measured and not believed.
/// </summary>
internal static class Calibration
{
    /// <summary>
    /// Splits the current pools of a recorded stream in two halves by replica and judges one against the other; the verdict is the first fail, or the
    /// last. Ticks whose proxies tell no replicas say nothing. What an application measures itself is not known by replica and is not judged.
    /// </summary>
    /// <param name="seed">Another seed is another split.</param>
    public static Verdict OfStable(JudgePolicy policy, IEnumerable<Tick> ticks, int seed)
    {
        policy = policy with { Metrics = [] };
        var judgement = Judgement.Begin();
        foreach (var tick in ticks)
        {
            judgement = Judge.Fold(policy, judgement, tick with { Lanes = [.. tick.Lanes.Select(lane => Halved(lane, seed))] });
            if (judgement.Verdict.Kind == VerdictKind.Fail)
            {
                break;
            }
        }

        return judgement.Verdict;
    }

    private static LaneTick Halved(LaneTick lane, int seed)
    {
        var halves = (lane.Current?.Replicas ?? []).ToLookup(replica => Hash(replica.Replica, seed) % 2 == 0);
        return new(lane.Lane, Sum([.. halves[true]]), Sum([.. halves[false]]));
    }

    private static Arm Sum(IReadOnlyList<ReplicaCounts> replicas)
    {
        var measured = replicas.Where(replica => replica.Latencies is not null).ToList();
        var latencies = new long[measured.Select(replica => replica.Latencies!.Count).DefaultIfEmpty(0).Max()];
        foreach (var replica in measured)
        {
            for (var bucket = 0; bucket < replica.Latencies!.Count; bucket++)
            {
                latencies[bucket] += replica.Latencies[bucket];
            }
        }

        return new()
        {
            Requests = replicas.Sum(replica => replica.Requests),
            Errors = replicas.Sum(replica => replica.Errors),
            Latencies = measured.Count > 0 ? latencies : null,
            Replicas = replicas,
            Ready = replicas.Count,
        };
    }

    /// <summary>FNV-1a, the same on every machine, with its bits mixed: the lowest alone are no fair coin.</summary>
    private static uint Hash(string text, int seed)
    {
        var hash = text.Aggregate(2166136261u ^ (uint)seed, (hash, letter) => (hash ^ letter) * 16777619u);
        hash = (hash ^ (hash >> 16)) * 0x85EBCA6Bu;
        return hash ^ (hash >> 13);
    }
}
