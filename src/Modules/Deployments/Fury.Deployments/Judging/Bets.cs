namespace Fury.Deployments.Judging;

/// <summary>
/// The bets of the judge. Each returns, for every alternative of a grid, the logarithm by which one tick multiplies the odds of that alternative against
/// what is to be refuted. Under what is to be refuted the expectation of each factor is at most 1, whatever happened before: the product is an
/// e-process and exceeds 1/α with a probability of at most α, ever (Ville's inequality).
/// </summary>
internal static class Bets
{
    /// <summary>Worse than tolerated by these factors of the tolerated ratio.</summary>
    public static readonly double[] Worse = [1.25, 2, 4, 8, 20];

    /// <summary>As good as these factors of the current's share, when a ratio is to be proven acceptable.</summary>
    public static readonly double[] Alike = [1, 0.8, 0.6];

    /// <summary>Above a share by these odds.</summary>
    public static readonly double[] Over = [1.5, 3, 8, 25];

    /// <summary>Below a share by these odds.</summary>
    public static readonly double[] Below = [0.5, 0.25, 0.1];

    /// <summary>Of points that exceed the threshold: the candidate's and the current's share.</summary>
    private static readonly (double Candidate, double Current)[] Exceeding = [(0.3, 0.02), (0.6, 0.02), (0.9, 0.02), (0.6, 0.2), (0.9, 0.3)];

    public static int ExceedingCount => Exceeding.Length;

    /// <summary>
    /// <paramref name="events"/> of <paramref name="total"/>, each with probability p of what is to be refuted, against the same with odds that are
    /// <paramref name="ratio"/> times those of <paramref name="share"/>; p has <paramref name="refuted"/> times those odds.
    /// <list type="bullet">
    /// <item>Compared with the current: the candidate's events of both arms' events, share = its part of the requests (binomial thinning: given how
    /// many events there are in all, who had them tells the ratio of the two shares, and load or incidents that both have cancel out).</item>
    /// <item>Held against a fixed share: events of requests.</item>
    /// </list>
    /// </summary>
    public static double Odds(double events, double total, double share, double refuted, double ratio) =>
        (events * Math.Log(ratio / refuted)) - (total * Math.Log((1 + (share * (ratio - 1))) / (1 + (share * (refuted - 1)))));

    /// <summary>
    /// The candidate's points exceed more often than the current's: a block of both against the share that fits a common source best (the growth-rate
    /// optimal bet for two samples; its expectation is at most 1 for every common share, by the inequality of the means).
    /// </summary>
    public static double Exceeds(int alternative, Tally candidate, Tally current)
    {
        var (p, q) = Exceeding[alternative];
        var common = ((candidate.Total * p) + (current.Total * q)) / (candidate.Total + current.Total);
        return (candidate.Events * Math.Log(p / common)) + ((candidate.Total - candidate.Events) * Math.Log((1 - p) / (1 - common)))
            + (current.Events * Math.Log(q / common)) + ((current.Total - current.Events) * Math.Log((1 - q) / (1 - common)));
    }
}
