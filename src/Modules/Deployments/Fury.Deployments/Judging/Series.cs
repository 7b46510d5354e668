using Fury.Deployments.Contracts;

namespace Fury.Deployments.Judging;

/// <summary>What is remembered of a configured metric in one lane.</summary>
/// <param name="Points">The current's latest points that counted, oldest first: their median is the threshold of the next.</param>
/// <param name="CountedAt">When points were counted last.</param>
/// <param name="Same">How many ticks in a row both arms said the same, and something new.</param>
/// <param name="Said">What the candidate said last, as one number.</param>
/// <param name="CurrentSpoke">The current's series has had data.</param>
internal sealed record Series(IReadOnlyList<double> Points, DateTimeOffset? CountedAt = null, int Same = 0, double Said = 0, bool CurrentSpoke = false)
{
    private const int PointsMax = 31;

    /// <summary>More is no measurement.</summary>
    private const double SaidMax = 1e15;

    /// <summary>With fewer points of a series that varies it cannot be told how slowly it swings, and nothing is counted.</summary>
    private const int PointsMin = 8;

    private const double CorrelationDoubt = 0.2;
    private const double CorrelationMax = 0.95;

    public static readonly Series Begin = new([]);

    /// <summary>
    /// How many points that follow each other say no more than one: φ of a series that swings slowly, (1 + ρ) / (1 − ρ) with the correlation ρ of neighbours,
    /// from the current's points (von Neumann's ratio), and a doubt added. 1 for a series that does not vary. Null when it varies and is not known yet.
    /// </summary>
    public double? Phi()
    {
        var mean = Points.Count > 0 ? Points.Average() : 0;
        var (variance, steps) = (0.0, 0.0);
        for (var index = 0; index < Points.Count; index++)
        {
            variance += Math.Pow(Points[index] - mean, 2);
            steps += index > 0 ? Math.Pow(Points[index] - Points[index - 1], 2) : 0;
        }

        if (variance <= 0)
        {
            return 1;
        }

        var correlation = Math.Clamp(1 - (steps / (2 * variance)) + CorrelationDoubt, 0, CorrelationMax);
        return Points.Count < PointsMin ? null : (1 + correlation) / (1 - correlation);
    }

    public (Series After, Sample Sample) Fold(MetricRule rule, LaneTick tick, DateTimeOffset now)
    {
        var (candidate, current) = (Of(tick.Candidate), Of(tick.Current));
        var compared = Compare(candidate, current);
        return rule.Kind == MetricKind.Ratio
            ? (compared, Counted(rule, candidate, current))
            : compared.Pointed(rule, candidate?.Points ?? [], current?.Points ?? [], now);

        // What no counter and no gauge can say was not said.
        Reading? Of(Arm? arm) => arm?.Readings?.FirstOrDefault(reading => reading.Metric == rule.Name) is not { } reading ? null : reading with
        {
            Count = reading.Count is >= 0 and < SaidMax ? reading.Count : null,
            Total = reading.Total is >= 0 and < SaidMax ? reading.Total : null,
            Points = reading.Points?.Where(point => Math.Abs(point) < SaidMax).ToList(),
        };
    }

    /// <summary>A query that returns the current's data for the candidate looks perfect: the same, tick after tick, and changing.</summary>
    private Series Compare(Reading? candidate, Reading? current)
    {
        var (ours, theirs) = (Print(candidate), Print(current));
        var spoke = this with { CurrentSpoke = CurrentSpoke || theirs is not null };
        return ours is not { } said || theirs is null ? spoke
            : said != theirs ? spoke with { Same = 0, Said = said }
            : said != 0 && said != Said ? spoke with { Same = Same + 1, Said = said }
            : spoke;
    }

    private static Sample Counted(MetricRule rule, Reading? candidate, Reading? current)
    {
        return candidate?.Total is null ? Sample.None with { Current = Of(current) } : new(Of(candidate), Of(current), [], [], true);

        Tally Of(Reading? reading) => reading?.Total is { } total
            ? new(rule.Worse == Direction.Increase ? Math.Min(reading.Count ?? 0, total) : Math.Max(0, total - (reading.Count ?? 0)), total)
            : default;
    }

    private (Series, Sample) Pointed(MetricRule rule, IReadOnlyList<double> candidate, IReadOnlyList<double> current, DateTimeOffset now)
    {
        var data = Sample.None with { HasData = candidate.Count > 0 };
        if (now - CountedAt < TimeSpan.FromSeconds(rule.SpacingSeconds) || (candidate.Count == 0 && current.Count == 0))
        {
            return (this, data);
        }

        var after = this with { Points = [.. Points.Concat(current).TakeLast(PointsMax)], CountedAt = now };
        return Points.Count == 0 || Phi() is null ? (after, data) : (after, data with { Candidate = Worse(candidate), Current = Worse(current) });

        Tally Worse(IReadOnlyList<double> points)
        {
            var median = Points.Order().ElementAt(Points.Count / 2);
            var margin = rule.Tolerance * Math.Abs(median);
            return new(points.Count(point => rule.Worse == Direction.Increase ? point > median + margin : point < median - margin), points.Count);
        }
    }

    /// <summary>One number for all that was said; null when nothing was.</summary>
    private static double? Print(Reading? reading) =>
        reading?.Points is { Count: > 0 } points ? points.Select((point, index) => point * (index + 1)).Sum()
        : reading?.Total is { } total ? (total * 1_000_003) + (reading.Count ?? 0)
        : null;
}
