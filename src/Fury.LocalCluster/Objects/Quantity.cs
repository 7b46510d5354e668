using System.Globalization;
using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>Quantities of resources: <c>250m</c>, <c>1.5</c>, <c>128Mi</c>, <c>1G</c>, <c>1e3</c>.</summary>
internal static class Quantity
{
    private static readonly (string Suffix, decimal Factor)[] Suffixes =
    [
        ("Ki", 1L << 10), ("Mi", 1L << 20), ("Gi", 1L << 30), ("Ti", 1L << 40), ("Pi", 1L << 50), ("Ei", 1L << 60),
        ("n", 0.000000001m), ("u", 0.000001m), ("m", 0.001m), ("k", 1_000), ("M", 1_000_000), ("G", 1_000_000_000),
        ("T", 1_000_000_000_000), ("P", 1_000_000_000_000_000), ("E", 1_000_000_000_000_000_000),
    ];

    /// <summary>The value, or null when the text is no quantity.</summary>
    public static decimal? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var factor = 1m;
        var number = text;
        foreach (var (suffix, value) in Suffixes)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal))
            {
                (factor, number) = (value, text[..^suffix.Length]);
                break;
            }
        }

        try
        {
            return decimal.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) ? parsed * factor : null;
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    public static decimal? Of(JsonNode? value) => Parse(value.Scalar());

    /// <summary>CPU in thousandths, memory in bytes.</summary>
    public static (int CpuMillis, long MemoryBytes) Of(JsonObject? resources) =>
        (Whole((Of(resources.Node("cpu")) ?? 0) * 1000, int.MaxValue) is var cpu ? (int)cpu : 0, Whole(Of(resources.Node("memory")) ?? 0, long.MaxValue));

    /// <summary>What a pod asks of its node: the sum of its containers, or of one init container if that asks for more.</summary>
    public static (int CpuMillis, long MemoryBytes) RequestsOf(JsonObject? podSpec)
    {
        var (cpu, memory) = (0, 0L);
        foreach (var container in podSpec.Array("containers") ?? [])
        {
            var one = Of(container.Object("resources", "requests"));
            (cpu, memory) = (cpu + one.CpuMillis, memory + one.MemoryBytes);
        }

        foreach (var container in podSpec.Array("initContainers") ?? [])
        {
            var one = Of(container.Object("resources", "requests"));
            (cpu, memory) = (Math.Max(cpu, one.CpuMillis), Math.Max(memory, one.MemoryBytes));
        }

        return (cpu, memory);
    }

    private static long Whole(decimal value, long max) => value >= max ? max : (long)Math.Ceiling(value);
}
