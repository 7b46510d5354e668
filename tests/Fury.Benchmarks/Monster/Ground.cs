namespace Fury.Benchmarks.Monster;

/// <summary>What every part of the benchmark stands on.</summary>
/// <param name="Output">For people, as it goes on.</param>
/// <param name="Long">Long readers are long.</param>
internal sealed record Ground(Cluster Cluster, Yardstick Yardstick, TextWriter Output, Findings Findings, bool Long, CancellationToken Stop)
{
    private const double ForeignMax = 0.2;

    /// <summary>Warns when others took so much of the machine that rates compare schedulers and not programs.</summary>
    public void WarnOfOthers(IEnumerable<Sample> samples)
    {
        if (samples.Select(sample => sample.Foreign).Median() is var foreign and > ForeignMax)
        {
            Say($"  WARNING: {foreign:P0} of the processors went to other work meanwhile. Trust CPU, commits and bytes; rates mean little.");
        }
    }

    public void Say(string line) => Output.WriteLine(line);
}

/// <summary>Named results, in the order in which they were found.</summary>
internal sealed class Findings
{
    public Dictionary<string, double> Figures { get; } = [];

    public Dictionary<string, double> Ratios { get; } = [];
}
