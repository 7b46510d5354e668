using System.Globalization;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Seeing;

/// <summary>Quantities as the API writes them: <c>100m</c>, <c>1.5</c>, <c>512Mi</c>, <c>129e6</c>. Pure.</summary>
internal static class Quantities
{
    private const decimal Mebi = 1024 * 1024;
    private const NumberStyles Written = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    private static readonly (string Suffix, decimal Factor)[] Suffixes =
    [
        ("Ki", 1024m), ("Mi", Mebi), ("Gi", Mebi * 1024), ("Ti", Mebi * Mebi), ("Pi", Mebi * Mebi * 1024), ("Ei", Mebi * Mebi * Mebi),
        ("n", 1e-9m), ("u", 1e-6m), ("m", 1e-3m), ("k", 1e3m), ("M", 1e6m), ("G", 1e9m), ("T", 1e12m), ("P", 1e15m), ("E", 1e18m),
    ];

    /// <summary>In whole units; null for what is no quantity.</summary>
    public static decimal? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        foreach (var (suffix, factor) in Suffixes)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal) && Number(text[..^suffix.Length]) is { } number)
            {
                return Math.Abs(number) > decimal.MaxValue / Math.Max(factor, 1) ? null : number * factor;
            }
        }

        return Number(text);
    }

    /// <summary>What there is: rounded down, so that nothing is promised that is not there.</summary>
    public static InstanceSize Available(decimal cpu, decimal memory) => new(Fit((long)(cpu * 1000)), Fit((long)(memory / Mebi)));

    /// <summary>What is asked for: rounded up, for the same reason.</summary>
    public static InstanceSize Requested(decimal cpu, decimal memory) =>
        new(Fit((long)Math.Ceiling(cpu * 1000)), Fit((long)Math.Ceiling(memory / Mebi)));

    public static int Fit(long value) => (int)Math.Clamp(value, int.MinValue, int.MaxValue);

    private static decimal? Number(string text) => decimal.TryParse(text, Written, CultureInfo.InvariantCulture, out var number) ? number : null;
}
