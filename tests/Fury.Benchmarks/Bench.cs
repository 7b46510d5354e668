using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Fury.Kernel;

namespace Fury.Benchmarks;

/// <summary>A benchmark that can be asked for by name.</summary>
/// <param name="About">What it measures, in one line.</param>
/// <param name="Run">Runs it; lines for people go to the writer as it goes on. Ends within ten minutes on two cores.</param>
internal sealed record Bench(string Name, string About, Func<TextWriter, CancellationToken, Task<BenchResult>> Run);

/// <summary>What a benchmark has measured.</summary>
/// <param name="Figures">Names with their units last, e.g. <c>directP99Ms</c>.</param>
/// <param name="Ratios">What is comparable between machines, measured in one run.</param>
internal sealed record BenchResult(string Name, IReadOnlyDictionary<string, double> Figures, IReadOnlyDictionary<string, double> Ratios)
{
    public void WriteTable(TextWriter output)
    {
        var width = Figures.Keys.Concat(Ratios.Keys).Max(name => name.Length);
        foreach (var (name, value) in Figures)
        {
            output.WriteLine($"  {name.PadRight(width)}  {Text(value),12}");
        }

        foreach (var (name, value) in Ratios)
        {
            output.WriteLine($"  {name.PadRight(width)}  {Text(value),12}  (ratio)");
        }

        output.WriteLine($"  on {Machine.Here}");
    }

    /// <summary>One line: name, figures, ratios and the machine.</summary>
    public string ToJson() => JsonSerializer.Serialize(new { Name, Figures, Ratios, Machine = Machine.Here }, FuryJson.Options);

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
