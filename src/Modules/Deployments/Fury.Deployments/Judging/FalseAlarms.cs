using System.Globalization;

namespace Fury.Deployments.Judging;

/// <summary>How many splits of stable pools were judged, and how many of them failed.</summary>
internal sealed record FalseAlarms(int Splits, int Failed)
{
    /// <summary>So many nights back is counted.</summary>
    public const int Nights = 30;

    /// <summary>What the judge promises at most: <see cref="JudgePolicy.FalseAlarm"/>.</summary>
    public static double Promised { get; } = new JudgePolicy().FalseAlarm;

    /// <summary>It is alarming when a judge that keeps its promise would have so many failures in fewer than one of a thousand months.</summary>
    private const double Chance = 0.001;

    public double? Rate => Splits == 0 ? null : (double)Failed / Splits;

    /// <summary>That so many or more fail of a judge that keeps its promise: the upper tail of the binomial distribution.</summary>
    public double Likelihood
    {
        get
        {
            // Term by term from none on, each from the one before; the sum of a few, since few are expected.
            var (term, fewer) = (Math.Pow(1 - Promised, Splits), 0.0);
            for (var failed = 0; failed < Failed; failed++)
            {
                fewer += term;
                term *= (Splits - failed) / (failed + 1.0) * (Promised / (1 - Promised));
            }

            return Math.Max(0, 1 - fewer);
        }
    }

    public bool IsAlarming => Failed > 0 && Likelihood < Chance;

    public string Sentence => string.Create(
        CultureInfo.InvariantCulture,
        $"The judge failed {Failed} of {Splits} stable pools against themselves in {Nights} nights, at most one in {1 / Promised:#,0} is promised")
        + (IsAlarming ? $": that this is chance is less likely than one in {1 / Chance:#,0}." : ".");
}
