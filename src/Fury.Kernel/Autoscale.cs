namespace Fury.Kernel;

/// <summary>How the number of a pool's replicas follows what they are used for, between its floor and its ceiling.</summary>
/// <param name="Targets">At most 5; the one that needs the most replicas decides.</param>
/// <param name="Steps">At most 20, for metrics that do not fall as replicas come; the most that any of them adds is added.</param>
/// <param name="WarmUpSeconds">From asking for a replica until it carries its part, 0 to 3600: so far ahead the need is looked at.</param>
/// <param name="CoolDownSeconds">Replicas go only when none of the needs of so long would have wanted them, 0 to 86400.</param>
public sealed record AutoscalePolicy(
    IReadOnlyList<AutoscaleTarget> Targets, IReadOnlyList<AutoscaleStep> Steps, int WarmUpSeconds = 90, int CoolDownSeconds = 180)
{
    /// <summary>Of its targets and steps, each once.</summary>
    public IEnumerable<string> Metrics() => Targets.Select(target => target.Metric).Concat(Steps.Select(step => step.Metric)).Distinct();

    /// <summary>Notes every number that is out of bounds, by the path of the policy.</summary>
    public void Check(Validation check, string path)
    {
        check.Require(Targets.Count <= 5, $"{Targets.Count} targets", "at most 5 targets", $"{path}.targets");
        check.Require(Steps.Count <= 20, $"{Steps.Count} steps", "at most 20 steps", $"{path}.steps");
        check.Require(Targets.Count + Steps.Count > 0, null, "at least one, where there are no steps", $"{path}.targets");
        check.Require(WarmUpSeconds is >= 0 and <= 3600, WarmUpSeconds, "0 to 3600 (seconds)", $"{path}.warmUpSeconds");
        check.Require(CoolDownSeconds is >= 0 and <= 86_400, CoolDownSeconds, "0 to 86400 (seconds)", $"{path}.coolDownSeconds");
        for (var index = 0; index < Targets.Count; index++)
        {
            var (metric, perReplica) = Targets[index];
            check.Require(IsMetric(metric), metric, MetricExpected, $"{path}.targets[{index}].metric");
            check.Require(perReplica > 0 && double.IsFinite(perReplica), perReplica, "a number above 0", $"{path}.targets[{index}].perReplica");
        }

        for (var index = 0; index < Steps.Count; index++)
        {
            var (metric, from, replicas) = Steps[index];
            check.Require(IsMetric(metric), metric, MetricExpected, $"{path}.steps[{index}].metric");
            check.Require(double.IsFinite(from), from, "a number", $"{path}.steps[{index}].from");
            check.Require(replicas is >= 1 and <= 1000, replicas, "1 to 1000", $"{path}.steps[{index}].replicas");
        }
    }

    /// <summary>Two that say the same are the same.</summary>
    public bool Equals(AutoscalePolicy? other) =>
        other is not null
        && (WarmUpSeconds, CoolDownSeconds) == (other.WarmUpSeconds, other.CoolDownSeconds)
        && Targets.SequenceEqual(other.Targets)
        && Steps.SequenceEqual(other.Steps);

    public override int GetHashCode() => HashCode.Combine(Targets.Count, Steps.Count, WarmUpSeconds, CoolDownSeconds);

    private const string MetricExpected = "cpu, requests, in-flight or the name of a query: 1 to 100 letters, digits, dots and hyphens";

    /// <summary>Whether it may be the name of one.</summary>
    public static bool IsMetric(string metric) =>
        metric.Length is >= 1 and <= 100 && metric.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_');
}

/// <param name="Metric">
/// <c>cpu</c> (percent of the size of a replica), <c>requests</c> (a second), <c>in-flight</c>, or the name of a metric source's query.
/// </param>
/// <param name="PerReplica">What one replica is to carry, above 0.</param>
public sealed record AutoscaleTarget(string Metric, double PerReplica);

/// <param name="Metric">As of a target; its value is the pool's as a whole.</param>
/// <param name="From">From this value on.</param>
/// <param name="Replicas">So many more than the floor, 1 to 1000.</param>
public sealed record AutoscaleStep(string Metric, double From, int Replicas);

/// <summary>How much of a pool may run on spot instances, which are cheaper and can be taken away.</summary>
/// <param name="Percent">Of the replicas beyond <paramref name="OnDemandBase"/>, 0 to 100. Where there is none left as spot, on demand does.</param>
/// <param name="OnDemandBase">So many are never spot.</param>
public sealed record SpotPolicy(int Percent, int OnDemandBase = 0)
{
    /// <summary>Notes every number that is out of bounds, by the path of the policy.</summary>
    public void Check(Validation check, string path)
    {
        check.Require(Percent is >= 0 and <= 100, Percent, "0 to 100", $"{path}.percent");
        check.Require(OnDemandBase is >= 0 and <= 1000, OnDemandBase, "0 to 1000", $"{path}.onDemandBase");
    }
}
