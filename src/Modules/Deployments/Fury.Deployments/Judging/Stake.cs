namespace Fury.Deployments.Judging;

/// <summary>
/// What a bet's outcome is divided by. What was lost, by φ as it was before the tick; what was won, by φ as it is after it and of both arms: the very clump
/// that won is then in it, which is what keeps a deployment honest whose scope was never seen before.
/// </summary>
internal readonly record struct Phi(double OfWon, double OfLost)
{
    public static Phi Of(double phi) => new(phi, phi);

    public double Divide(double outcome) => outcome / (outcome > 0 ? OfWon : OfLost);
}

/// <summary>What one tick of one metric says, as <see cref="Evidence"/> has it. Empty lists where it says nothing.</summary>
internal sealed record Stake
{
    /// <summary>
    /// The most that a tick may add, as a logarithm: one tick condemns nobody, though the counts of the two arms be late by a tick to each other. To take less
    /// than was won keeps a bet fair.
    /// </summary>
    private const double AgainstIt = 6;

    /// <summary>The same where replicas are not told: how clumped events are is seen from one tick to the next only, and takes some.</summary>
    private const double AgainstItUntold = 2;

    /// <summary>The same of what speaks for the candidate: a clump in the current is no virtue of it.</summary>
    private const double ForIt = 1;

    public static readonly Stake None = new();

    public double[] Worse { get; private init; } = [];

    public double[] Over { get; private init; } = [];

    public double[] Alike { get; private init; } = [];

    public double[] Negligible { get; private init; } = [];

    public double[] Within { get; private init; } = [];

    /// <summary>For each replica with events, and each that is tracked: the same without it.</summary>
    public IReadOnlyList<Without> Without { get; private init; } = [];

    /// <param name="tracked">Replicas of which is asked though they have no events.</param>
    public static Stake Of(Metric metric, string lane, Sample sample, Phi phi, IReadOnlySet<string> tracked)
    {
        var (candidate, current) = (sample.Candidate, sample.Current);
        if (candidate.Total <= 0)
        {
            return None;
        }

        var most = sample.Replicas.Count > 0 || metric.IsValue ? AgainstIt : AgainstItUntold;
        var compared = metric.Acceptable > 0 && current.Total > 0;
        return new Stake
        {
            Worse = Most(most, Worsens(metric, candidate, current, phi)),
            Over = Most(most, Exceeds(metric, candidate, current, phi)),
            Alike = metric.IsValue ? Below(candidate, 0.5, phi)
                : compared ? Most(ForIt, Compare(candidate, current, metric.Acceptable, Bets.Alike, phi, times: 1))
                : [],
            Negligible = metric.Negligible > 0 ? Below(candidate, metric.Negligible, phi) : [],
            Within = metric.Limit > 0 ? Below(candidate, metric.Limit, phi) : [],
            Without =
            [
                .. from each in sample.Replicas
                   where each.Part.Events > 0 || tracked.Contains(each.Replica)
                   let rest = candidate - each.Part
                   select new Without(
                       lane, each.Replica, Most(most, Worsens(metric, rest, current, phi)), Most(most, Exceeds(metric, rest, current, phi))),
            ],
        };
    }

    /// <summary>The tick of all lanes: independent of each other given what each has, so that what they won is multiplied.</summary>
    public static Stake Sum(IReadOnlyList<Stake> lanes)
    {
        if (lanes.Count == 1)
        {
            return lanes[0];
        }

        var whole = new Stake
        {
            Worse = Add(lanes, lane => lane.Worse),
            Over = Add(lanes, lane => lane.Over),
            Alike = Add(lanes, lane => lane.Alike),
            Negligible = Add(lanes, lane => lane.Negligible),
            Within = Add(lanes, lane => lane.Within),
        };
        return whole with
        {
            Without =
            [
                .. from lane in lanes
                   from each in lane.Without
                   select each with
                   {
                       Worse = Less(whole.Worse, Less(lane.Worse, each.Worse)),
                       Over = Less(whole.Over, Less(lane.Over, each.Over)),
                   },
            ],
        };
    }

    private static double[] Worsens(Metric metric, Tally candidate, Tally current, Phi phi)
    {
        if (metric.Tolerated <= 0 || current.Total <= 0)
        {
            return [];
        }

        if (candidate.Total <= 0)
        {
            return new double[Bets.Worse.Length];
        }

        if (!metric.IsValue)
        {
            return Compare(candidate, current, metric.Tolerated, Bets.Worse, phi, times: metric.Tolerated);
        }

        var won = new double[Bets.ExceedingCount];
        for (var each = 0; each < won.Length; each++)
        {
            won[each] = phi.Divide(Bets.Exceeds(each, candidate, current));
        }

        return won;
    }

    private static double[] Compare(Tally candidate, Tally current, double refuted, double[] ratios, Phi phi, double times)
    {
        var share = candidate.Total / (candidate.Total + current.Total);
        var won = new double[ratios.Length];
        for (var each = 0; each < won.Length; each++)
        {
            won[each] = phi.Divide(Bets.Odds(candidate.Events, candidate.Events + current.Events, share, refuted, ratios[each] * times));
        }

        return won;
    }

    /// <summary>A tick in which the current is above the limit too says nothing of the candidate.</summary>
    private static double[] Exceeds(Metric metric, Tally candidate, Tally current, Phi phi) =>
        metric.Limit > 0 && current.Share <= metric.Limit ? Against(candidate, metric.Limit, Bets.Over, phi) : [];

    private static double[] Below(Tally candidate, double share, Phi phi) => Most(ForIt, Against(candidate, share, Bets.Below, phi));

    private static double[] Against(Tally candidate, double share, double[] odds, Phi phi)
    {
        var won = new double[odds.Length];
        for (var each = 0; each < won.Length; each++)
        {
            won[each] = phi.Divide(Bets.Odds(candidate.Events, candidate.Total, share, refuted: 1, odds[each]));
        }

        return won;
    }

    private static double[] Most(double most, double[] won) => Array.ConvertAll(won, each => Math.Min(most, each));

    private static double[] Less(double[] left, double[] right)
    {
        if (left.Length != right.Length)
        {
            return left;
        }

        var rest = new double[left.Length];
        for (var each = 0; each < rest.Length; each++)
        {
            rest[each] = left[each] - right[each];
        }

        return rest;
    }

    private static double[] Add(IReadOnlyList<Stake> lanes, Func<Stake, double[]> of)
    {
        double[] sum = [];
        foreach (var part in lanes.Select(of).Where(part => part.Length > 0))
        {
            sum = sum.Length == 0 ? [.. part] : Array.ConvertAll([.. sum.Zip(part)], pair => pair.First + pair.Second);
        }

        return sum;
    }
}
