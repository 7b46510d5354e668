namespace Fury.Deployments.Judging;

/// <summary>What follows from the evidence after a tick.</summary>
internal static class Decision
{
    /// <summary>Evidence that remains without the worst replica must still be so many to one, or it may be that replica's alone.</summary>
    private static readonly double AlsoWithout = Math.Log(20);

    /// <summary>A lane is taken back with the others when its own evidence is at least so many to one.</summary>
    private static readonly double Suspicious = Math.Log(3);

    private enum Found
    {
        Nothing,

        /// <summary>Not proven, and too much to let one of several lanes pass with the others.</summary>
        Suspected,

        /// <summary>Proven, and it is not clear yet whether of the release or of one replica.</summary>
        Waiting,
        OfOneReplica,
        Proven,
    }

    private sealed record Finding(Metric Metric, Cause Cause, Found Found, Stratum? Lane, Without? Replica);

    /// <summary><paramref name="judgement"/> with its verdict, and without replicas that were found ill by it.</summary>
    public static Judgement Of(JudgePolicy policy, IReadOnlyList<Metric> metrics, Judgement before, Judgement judgement)
    {
        List<Finding> findings = [.. metrics.Where(metric => !metric.Shadow).SelectMany(metric => Look(metric, judgement))];
        var ill = findings.Find(finding => finding.Found == Found.OfOneReplica);
        if (ill is { Replica: { } replica })
        {
            judgement = LeaveOut(judgement, replica, ill.Metric.Name);
        }

        var verdict = Fails(policy, judgement, findings)
            ?? NewlyIll(before, judgement)
            ?? Shared(policy, metrics, judgement)
            ?? Budget(policy, judgement, findings)
            ?? Series(judgement, metrics)
            ?? Passing.Of(policy, metrics, judgement, findings.Find(finding => finding.Found is Found.Waiting or Found.Suspected)?.Metric);
        return judgement with { Verdict = verdict };
    }

    private static IEnumerable<Finding> Look(Metric metric, Judgement judgement)
    {
        var lanes = judgement.Lanes;
        var many = lanes.Count > 1;
        var index = judgement.Whole.ToList().FindIndex(evidence => evidence.Metric == metric.Name);
        // Half of α is for all lanes as one, half for each by itself.
        var needOfWhole = metric.Need + (many ? Math.Log(2) : 0);
        var needOfLane = metric.Need + Math.Log(2 * lanes.Count);
        yield return Of(null, Cause.Worse, needOfWhole);
        if (!lanes.Any(lane => lane.IsAlsoOfCurrent(metric, judgement.At)))
        {
            yield return Of(null, Cause.Limit, needOfWhole);
        }

        foreach (var lane in lanes.Where(_ => many))
        {
            yield return Of(lane, Cause.Worse, needOfLane);
            if (!lane.IsAlsoOfCurrent(metric, judgement.At))
            {
                yield return Of(lane, Cause.Limit, needOfLane);
            }
        }

        Finding Of(Stratum? lane, Cause cause, double need)
        {
            var evidence = lane is null ? judgement.Whole[index] : lane.Evidence[index];
            var whole = Evidence.Of(cause == Cause.Worse ? evidence.Worse : evidence.Over);
            if (whole < need)
            {
                return new(metric, cause, lane is not null && whole >= AlsoWithout ? Found.Suspected : Found.Nothing, lane, null);
            }

            var (worst, rest) = evidence.Without
                .Select(each => (each, Evidence: Evidence.Of(cause == Cause.Worse ? each.Worse : each.Over)))
                .DefaultIfEmpty((null!, whole))
                .MinBy(each => each.Item2);
            // Ill is who alone has won what condemns, while the others speak for the release; or who has won that twice over.
            var found = rest >= AlsoWithout ? Found.Proven
                : (rest <= 0 && whole - rest >= need) || whole - rest >= 2 * need ? Found.OfOneReplica
                : Found.Waiting;
            return new(metric, cause, found, lane, worst);
        }
    }

    private static Judgement LeaveOut(Judgement judgement, Without ill, string metric) => judgement with
    {
        Whole = [.. judgement.Whole.Select(evidence => evidence.LeaveOut(ill.Replica))],
        Lanes =
        [
            .. from lane in judgement.Lanes
               select lane.Name != ill.Lane ? lane.NextStep() : lane.NextStep() with
               {
                   Evidence = [.. lane.Evidence.Select(evidence => evidence.LeaveOut(ill.Replica).OfLane())],
                   Health = lane.Health.With(ill.Replica, metric),
               },
        ],
    };

    private static Verdict? Fails(JudgePolicy policy, Judgement judgement, List<Finding> findings)
    {
        var lanes = judgement.Lanes;
        List<Stratum> ill = [.. lanes.Where(lane => lane.Health.TooManyIll)];
        if (ill.Count == 0 && Health.TooMany(lanes.Sum(lane => lane.Health.Ill.Count), lanes.Sum(lane => lane.Health.Replicas)))
        {
            ill = [.. lanes.Where(lane => lane.Health.Ill.Count > 0)];
        }

        if (ill.Count > 0)
        {
            return Fail(Cause.Ill, Reasons.Ill(ill), ill, null);
        }

        List<Stratum> unready = [.. lanes.Where(lane => lane.Health.UnreadySeconds >= policy.UnreadySeconds)];
        if (unready.Count > 0)
        {
            return Fail(Cause.Unready, Reasons.Unready(unready), unready, null);
        }

        foreach (var finding in findings.Where(finding =>
            finding.Found == Found.Proven && !(finding.Cause == Cause.Worse && Slight(judgement, finding.Metric))))
        {
            var failing = Failing(judgement, finding);
            return Fail(finding.Cause, Reasons.Proven(finding.Metric, finding.Cause, judgement, failing), failing, finding.Metric);
        }

        return null;

        Verdict Fail(Cause cause, string reason, List<Stratum> failing, Metric? metric) => new(VerdictKind.Fail, cause, reason)
        {
            Metric = metric?.Name,
            Failing = [.. failing.Select(lane => lane.Name)],
            Sound = [.. lanes.Except(failing).Select(lane => lane.Name)],
        };
    }

    /// <summary>
    /// The lanes to take back: those whose own evidence says so, and all lanes of a provider of which it says so without the worst of them. When no lane stands
    /// out, all.
    /// </summary>
    private static List<Stratum> Failing(Judgement judgement, Finding finding)
    {
        // One that was taken back has no requests in this step, and is still the one that fails.
        var lanes = judgement.Lanes.Where(lane => (lane.Count(finding.Metric.Name).Candidate.Total > 0 || Evidence.Of(Odds(lane)) >= Suspicious)
            && !(finding.Cause == Cause.Limit && lane.IsAlsoOfCurrent(finding.Metric, judgement.At))).ToList();
        if (judgement.Lanes.Count == 1)
        {
            return lanes;
        }

        var failing = lanes.Where(lane => Evidence.Of(Odds(lane)) >= Suspicious).ToHashSet();
        foreach (var provider in lanes.GroupBy(lane => lane.Name.Split('/')[0]))
        {
            var others = provider.OrderByDescending(lane => Evidence.Of(Odds(lane))).Skip(1).Select(Odds).ToList();
            if (Evidence.OfAll(others) >= Suspicious)
            {
                failing.UnionWith(provider);
            }
        }

        return failing.Count == 0 ? lanes : [.. lanes.Where(failing.Contains)];

        double[] Odds(Stratum lane)
        {
            var own = lane.Evidence.First(evidence => evidence.Metric == finding.Metric.Name);
            return finding.Cause == Cause.Worse ? own.Worse : own.Over;
        }
    }

    /// <summary>So few of the candidate's are bad, lately and in all of this step, that the ratio does not matter.</summary>
    private static bool Slight(Judgement judgement, Metric metric)
    {
        var counts = judgement.Lanes.Select(lane => lane.Count(metric.Name)).ToList();
        return metric.Negligible > 0
            && Sum(counts.Select(count => count.RecentCandidate)).Share < metric.Negligible
            && Sum(counts.Select(count => count.Candidate)).Share < metric.Negligible;

        static Tally Sum(IEnumerable<Tally> tallies) => tallies.Aggregate(default(Tally), (sum, tally) => sum + tally);
    }

    private static Verdict? NewlyIll(Judgement before, Judgement judgement)
    {
        foreach (var (lane, index) in judgement.Lanes.Select((lane, index) => (lane, index)))
        {
            var known = index < before.Lanes.Count ? before.Lanes[index].Health.Ill.Count : 0;
            if (lane.Health.Ill.Skip(known).FirstOrDefault() is { } ill)
            {
                return new(VerdictKind.Inconclusive, Cause.Node, Reasons.Node(lane, ill)) { Replica = ill.Replica };
            }
        }

        return null;
    }

    private static Verdict? Shared(JudgePolicy policy, IReadOnlyList<Metric> metrics, Judgement judgement)
    {
        foreach (var lane in judgement.Lanes)
        {
            if (lane.Health.BothCrash(policy))
            {
                return new(VerdictKind.Inconclusive, Cause.Shared, Reasons.SharedCrashes(lane));
            }

            foreach (var metric in metrics.Where(metric => metric.Limit > 0 && !metric.Shadow))
            {
                if (lane.IsAlsoOfCurrent(metric, judgement.At) && lane.Count(metric.Name).RecentCandidate.Share > metric.Limit)
                {
                    return new(VerdictKind.Inconclusive, Cause.Shared, Reasons.Shared(metric, lane)) { Metric = metric.Name };
                }
            }
        }

        return null;
    }

    private static Verdict? Budget(JudgePolicy policy, Judgement judgement, List<Finding> findings)
    {
        var finding = findings.Find(finding => finding is { Found: Found.Proven, Cause: Cause.Worse }
            && Evidence.Of(judgement.Of(finding.Metric).Negligible) >= -Math.Log(policy.FalsePass));
        if (finding is null)
        {
            return null;
        }

        var (candidate, current) = judgement.Tallies(finding.Metric.Name);
        var minutes = Math.Max(0, candidate.Share - current.Share) * TimeSpan.FromDays(1).TotalMinutes;
        return new(VerdictKind.Inconclusive, Cause.Budget, Reasons.Budget(finding.Metric, judgement, minutes))
        {
            Metric = finding.Metric.Name,
            BudgetMinutesPerDay = Math.Round(minutes, 3),
        };
    }

    private static Verdict? Series(Judgement judgement, IReadOnlyList<Metric> metrics)
    {
        var fault = SelfCheck.Of(judgement).FirstOrDefault(fault =>
            fault.Problem == SeriesProblem.Same && metrics.Any(metric => metric.Name == fault.Metric && !metric.Shadow));
        return fault is null ? null : new(VerdictKind.Inconclusive, Cause.Series, Reasons.Of(fault)) { Metric = fault.Metric };
    }
}
