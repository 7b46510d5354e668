using System.Text.Json.Serialization;

namespace Fury.Deployments.Judging;

/// <summary>
/// What has been won by betting on one metric, over all lanes or in one. Each list has a logarithm for each alternative of a grid of <see cref="Bets"/>,
/// and the evidence is the logarithm of their mean: so many to one against what is to be refuted. Empty where nothing is tested.
/// </summary>
internal sealed record Evidence([property: JsonPropertyName("m")] string Metric)
{
    /// <summary>What a bet begins with. The rest of the capital is kept for beginning later.</summary>
    private const double AtOnce = 0.8;

    /// <summary>With so many a state is short, and no bet is so small that it is lost.</summary>
    private const int Digits = 5;

    /// <summary>By this time half of the rest has been set.</summary>
    private static readonly TimeSpan Later = TimeSpan.FromMinutes(30);

    /// <summary>More replicas are not followed one by one: those without which the least remains are.</summary>
    private const int TrackedMax = 3;

    /// <summary>That the candidate is worse than tolerated, against "no worse".</summary>
    [JsonPropertyName("w")]
    public double[] Worse { get; init; } = [];

    /// <summary>That its share is above the limit.</summary>
    [JsonPropertyName("o")]
    public double[] Over { get; init; } = [];

    /// <summary>In this step: that it is acceptable, against "too much worse".</summary>
    [JsonPropertyName("a")]
    public double[] Alike { get; init; } = [];

    /// <summary>In this step: that its share is negligible.</summary>
    [JsonPropertyName("n")]
    public double[] Negligible { get; init; } = [];

    /// <summary>In this step: that its share is below the limit.</summary>
    [JsonPropertyName("i")]
    public double[] Within { get; init; } = [];

    /// <summary>The same evidence without one replica, for those that could be the only ill one.</summary>
    [JsonPropertyName("x")]
    public IReadOnlyList<Without> Without { get; init; } = [];

    public static Evidence Begin(Metric metric) => new Evidence(metric.Name)
    {
        Worse = Many(metric.IsValue ? Bets.ExceedingCount : metric.Tolerated > 0 ? Bets.Worse.Length : 0, Math.Log(AtOnce)),
        Over = Many(metric.Limit > 0 ? Bets.Over.Length : 0, Math.Log(AtOnce)),
        Alike = Many(metric.IsValue ? Bets.Below.Length : metric.Acceptable > 0 ? Bets.Alike.Length : 0, 0),
        Negligible = Many(metric.Negligible > 0 ? Bets.Below.Length : 0, 0),
        Within = Many(metric.Limit > 0 ? Bets.Below.Length : 0, 0),
    };

    /// <summary>What a lane keeps for itself: passing is decided over all lanes.</summary>
    public Evidence OfLane() => this with { Alike = [], Negligible = [], Within = [] };

    /// <summary>A step is left on what was seen in it: what was proven at a lower weight proves nothing here.</summary>
    public Evidence NextStep() => this with { Alike = Many(Alike.Length, 0), Negligible = Many(Negligible.Length, 0), Within = Many(Within.Length, 0) };

    /// <summary>
    /// Capital that is set later: the share of it for the tick from <paramref name="elapsed"/> on, as a logarithm. With it the evidence is a mean over all
    /// moments at which the candidate may have become worse, still an e-process, and a regression after an hour is found nearly as fast.
    /// </summary>
    public static double Fresh(TimeSpan elapsed, TimeSpan span) =>
        Math.Log((1 - AtOnce) * Later.TotalSeconds * span.TotalSeconds / ((elapsed + Later).TotalSeconds * (elapsed + span + Later).TotalSeconds));

    /// <summary>The logarithm of the mean: what is held against a threshold. Minus infinity for what is not tested.</summary>
    public static double Of(double[] odds)
    {
        if (odds.Length == 0)
        {
            return double.NegativeInfinity;
        }

        var (most, sum) = (odds.Max(), 0.0);
        foreach (var each in odds)
        {
            sum += Math.Exp(each - most);
        }

        return most + Math.Log(sum / odds.Length);
    }

    /// <summary>The evidence that they all are what each is held to be, if what happens to one happens to the others.</summary>
    public static double OfAll(IReadOnlyList<double[]> odds) => odds.Count == 0 || odds[0].Length == 0
        ? double.NegativeInfinity
        : Of([.. Enumerable.Range(0, odds[0].Length).Select(alternative => odds.Sum(each => each[alternative] - Math.Log(AtOnce)))]);

    public Evidence Fold(Stake stake, double fresh) => this with
    {
        Worse = Bet(Worse, stake.Worse, fresh),
        Over = Bet(Over, stake.Over, fresh),
        Alike = Bet(Alike, stake.Alike),
        Negligible = Bet(Negligible, stake.Negligible),
        Within = Bet(Within, stake.Within),
        Without = Track(stake, fresh),
    };

    /// <summary>
    /// As if the replica had never been there, in what speaks against the candidate. What speaks for it begins anew, since the replica's part of it is
    /// not known.
    /// </summary>
    public Evidence LeaveOut(string replica)
    {
        if (Without.FirstOrDefault(each => each.Replica == replica) is not { } left)
        {
            return NextStep();
        }

        return NextStep() with
        {
            Worse = left.Worse,
            Over = left.Over,
            Without =
            [
                .. from other in Without
                   where other != left
                   select other with { Worse = Least(other.Worse, left.Worse), Over = Least(other.Over, left.Over) },
            ],
        };
    }

    private List<Without> Track(Stake stake, double fresh)
    {
        List<Without> tracked = [];
        foreach (var each in Without)
        {
            // A replica that is not in this tick takes no part in it: without it, the tick is the whole.
            var share = stake.Without.FirstOrDefault(other => other.Replica == each.Replica);
            tracked.Add(each with { Worse = Bet(each.Worse, share?.Worse ?? stake.Worse, fresh), Over = Bet(each.Over, share?.Over ?? stake.Over, fresh) });
        }

        foreach (var share in stake.Without.Where(share => Without.All(each => each.Replica != share.Replica)))
        {
            // Until now it has had no event, or none that mattered: what there was before is at most too much.
            tracked.Add(share with { Worse = Bet(Worse, share.Worse, fresh), Over = Bet(Over, share.Over, fresh) });
        }

        return tracked.Count <= TrackedMax ? tracked : [.. tracked.OrderBy(Remains).ThenBy(each => each.Replica, StringComparer.Ordinal).Take(TrackedMax)];

        static double Remains(Without without) =>
            (without.Worse.Length > 0 ? Of(without.Worse) : 0) + (without.Over.Length > 0 ? Of(without.Over) : 0);
    }

    private static double[] Bet(double[] odds, double[] stake, double? fresh = null)
    {
        if (odds.Length == 0)
        {
            return odds;
        }

        var after = new double[odds.Length];
        for (var each = 0; each < after.Length; each++)
        {
            var before = fresh is { } late ? Sum(odds[each], late) : odds[each];
            after[each] = Math.Round(before + (stake.Length == 0 ? 0 : stake[each]), Digits);
        }

        return after;
    }

    /// <summary>ln(eᵃ + eᵇ).</summary>
    private static double Sum(double a, double b) => Math.Max(a, b) + Math.Log(1 + Math.Exp(-Math.Abs(a - b)));

    private static double[] Least(double[] left, double[] right) => [.. left.Zip(right, Math.Min)];

    private static double[] Many(int count, double value)
    {
        var values = new double[count];
        Array.Fill(values, value);
        return values;
    }
}

/// <summary><see cref="Evidence"/> as it were without one replica of the candidate.</summary>
internal sealed record Without(
    [property: JsonPropertyName("l")] string Lane,
    [property: JsonPropertyName("r")] string Replica,
    [property: JsonPropertyName("w")] double[] Worse,
    [property: JsonPropertyName("o")] double[] Over);
