using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Fury.Kernel;

namespace Fury.Benchmarks;

/// <summary>A benchmark that can be asked for by name.</summary>
/// <param name="About">What it measures, in one line.</param>
/// <param name="Run">
/// Runs it; lines for people go to the writer as it goes on. Given those of its words that were typed. Ends within ten minutes on two cores.
/// </param>
internal sealed record Bench(string Name, string About, Func<TextWriter, IReadOnlyList<string>, CancellationToken, Task<BenchResult>> Run)
{
    /// <summary>What may stand behind its name.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];
}

/// <summary>What a benchmark has measured.</summary>
/// <param name="Figures">Names with their units last, e.g. <c>directP99Ms</c>.</param>
/// <param name="Ratios">What is comparable between machines, measured in one run.</param>
internal sealed record BenchResult(string Name, IReadOnlyDictionary<string, double> Figures, IReadOnlyDictionary<string, double> Ratios)
{
    /// <summary>What it should have measured; those of things that were not measured are left out.</summary>
    public IReadOnlyList<Target> Targets { get; init; } = [];

    public void WriteTable(TextWriter output)
    {
        var width = Figures.Keys.Concat(Ratios.Keys).Max(name => name.Length);
        foreach (var (name, value) in Figures)
        {
            output.WriteLine($"  {name.PadRight(width)}  {Text(value),12}{Verdict(name, value)}");
        }

        foreach (var (name, value) in Ratios)
        {
            output.WriteLine($"  {name.PadRight(width)}  {Text(value),12}  (ratio){Verdict(name, value)}");
        }

        output.WriteLine($"  on {Machine.Here}");
    }

    /// <summary>One line: name, figures, ratios and the machine.</summary>
    public string ToJson() => JsonSerializer.Serialize(new { Name, Figures, Ratios, Machine = Machine.Here }, FuryJson.Options);

    private string Verdict(string name, double value) => Targets.FirstOrDefault(target => target.Name == name) is { } target
        ? $"  {(target.IsMet(value) ? "met" : "MISSED")}: {(target.AtLeast ? "at least" : "at most")} {Text(target.Bound)}"
        : "";

    private static string Text(double value) => value.ToString(Math.Abs(value) >= 100 ? "N0" : "0.###", CultureInfo.InvariantCulture);
}

/// <summary>Where it ran, as figures without it say little.</summary>
internal sealed record Machine(string Cpu, int Cores, string Os, string Runtime)
{
    public static Machine Here { get; } = new(
        CpuName(), Environment.ProcessorCount, RuntimeInformation.OSDescription, RuntimeInformation.FrameworkDescription);

    public override string ToString() => $"{Cpu}, {Cores} cores, {Os}, {Runtime}";

    private static string CpuName() =>
        File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(": ")[^1] ?? "?"
            : RuntimeInformation.ProcessArchitecture.ToString();
}
