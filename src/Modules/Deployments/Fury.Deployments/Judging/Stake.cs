namespace Fury.Deployments.Judging;

/// <summary>What one tick of one metric says, as <see cref="Evidence"/> has it. Empty lists where it says nothing.</summary>
internal sealed record Stake
{
    /// <summary>
    /// The most that one replica's part of a tick may add, as a logarithm, and the most that the tick may: however large a clump of errors is, it takes
    /// several replicas and more than one tick to condemn a candidate. To take less than was won keeps a bet fair.
    /// </summary>
    private const double OfOneReplica = 3;
    private const double OfOneTick = 6;

    /// <summary>The most that a tick may add to what speaks for it: a clump in the current is no virtue of the candidate.</summary>
    private const double ForIt = 1;

    public static readonly Stake None = new();

    public double[] Worse { get; private init; } = [];

    public double[] Over { get; private init; } = [];

    public double[] Alike { get; private init; } = [];

    public double[] Negligible { get; private init; } = [];

    public double[] Within { get; private init; } = [];

    /// <summary>For each replica with events, and each that is tracked: the same without it.</summary>
    public IReadOnlyList<Without> Without { get; private init; } = [];

    /// <param name="phi">Of <see cref="Dispersion"/>, from ticks before this one.</param>
    /// <param name="tracked">Replicas of which is asked though they have no events.</param>
    public static Stake Of(Metric metric, string lane, Sample sample, double phi, IReadOnlySet<string> tracked)
    {
        var (candidate, current) = (sample.Candidate, sample.Current);
        if (candidate.Total <= 0)
        {
            return None;
        }

        var (worse, over) = (Worsens(metric, candidate, current, phi), Exceeds(metric, candidate, current, phi));
        var (cutWorse, cutOver) = (new double[worse.Length], new double[over.Length]);
        List<(Without Without, double[] CutWorse, double[] CutOver)> replicas = [];
        foreach (var (replica, part) in sample.Replicas)
        {
            if (part.Events > 0 || tracked.Contains(replica))
            {
                var rest = candidate - part;
                var without = new Without(lane, replica, Worsens(metric, rest, current, phi), Exceeds(metric, rest, current, phi));
                replicas.Add((without, Cut(worse, without.Worse, cutWorse), Cut(over, without.Over, cutOver)));
            }
        }

        if (sample.Replicas.Count == 0 && !metric.IsValue)
        {
            Cut(worse, new double[worse.Length], cutWorse);
            Cut(over, new double[over.Length], cutOver);
        }

        var compared = metric.Acceptable > 0 && current.Total > 0;
        return new Stake
        {
            Worse = Most(OfOneTick, Less(worse, cutWorse)),
            Over = Most(OfOneTick, Less(over, cutOver)),
            Alike = metric.IsValue ? Most(ForIt, Below(candidate, 0.5, phi))
                : compared ? Most(ForIt, Compare(candidate, current, metric.Acceptable, Bets.Alike, phi, times: 1))
                : [],
            Negligible = metric.Negligible > 0 ? Most(ForIt, Below(candidate, metric.Negligible, phi)) : [],
            Within = metric.Limit > 0 ? Most(ForIt, Below(candidate, metric.Limit, phi)) : [],
            Without =
            [
                .. from each in replicas
                   select each.Without with
                   {
                       Worse = Most(OfOneTick, Less(each.Without.Worse, Less(cutWorse, each.CutWorse))),
                       Over = Most(OfOneTick, Less(each.Without.Over, Less(cutOver, each.CutOver))),
                   },
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

    private static double[] Worsens(Metric metric, Tally candidate, Tally current, double phi)
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
            won[each] = Bets.Exceeds(each, candidate, current) / phi;
        }

        return won;
    }

    private static double[] Compare(Tally candidate, Tally current, double refuted, double[] ratios, double phi, double times)
    {
        var share = candidate.Total / (candidate.Total + current.Total);
        var won = new double[ratios.Length];
        for (var each = 0; each < won.Length; each++)
        {
            won[each] = Bets.Odds(candidate.Events, candidate.Events + current.Events, share, refuted, ratios[each] * times) / phi;
        }

        return won;
    }

    /// <summary>A tick in which the current is above the limit too says nothing of the candidate.</summary>
    private static double[] Exceeds(Metric metric, Tally candidate, Tally current, double phi) =>
        metric.Limit > 0 && current.Share <= metric.Limit ? Against(candidate, metric.Limit, Bets.Over, phi) : [];

    private static double[] Below(Tally candidate, double share, double phi) => Against(candidate, share, Bets.Below, phi);

    private static double[] Against(Tally candidate, double share, double[] odds, double phi)
    {
        var won = new double[odds.Length];
        for (var each = 0; each < won.Length; each++)
        {
            won[each] = Bets.Odds(candidate.Events, candidate.Total, share, refuted: 1, odds[each]) / phi;
        }

        return won;
    }

    /// <summary>What a part has won beyond what it may; added to the sum.</summary>
    private static double[] Cut(double[] whole, double[] without, double[] sum)
    {
        var cut = new double[whole.Length];
        for (var each = 0; each < cut.Length; each++)
        {
            cut[each] = Math.Max(0, whole[each] - without[each] - OfOneReplica);
            sum[each] += cut[each];
        }

        return cut;
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
