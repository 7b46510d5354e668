using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fury.Kernel;

namespace Fury.Deployments.Contracts;

/// <summary>What may be tried of the judge's policy in a replay; what is null is as it was. What each means: <c>docs/judge.md</c>.</summary>
public sealed record JudgeFields
{
    private static readonly IReadOnlyDictionary<string, Type> Known = typeof(JudgeFields)
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .ToDictionary(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name), property => property.PropertyType);

    /// <summary>As they are written.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Known.Keys];

    public double? FalseAlarm { get; init; }

    public double? FalseAlarmOfValues { get; init; }

    public double? FalsePass { get; init; }

    public double? ToleratedRatio { get; init; }

    public double? AcceptableRatio { get; init; }

    public double? ToleratedSlowRatio { get; init; }

    public double? AcceptableSlowRatio { get; init; }

    public double? NegligibleErrorPercent { get; init; }

    public double? MaxErrorPercent { get; init; }

    public double? MaxP99Ms { get; init; }

    public double? ExtraLatencyMs { get; init; }

    public int? MinRequests { get; init; }

    public int? MaxRestarts { get; init; }

    public double? MaxCpuRatio { get; init; }

    public int? WarmUpSeconds { get; init; }

    public int? UnreadySeconds { get; init; }

    public int? DarkSeconds { get; init; }

    /// <summary>Reads a document. Every key that is not known is named with those that are, and every value that is no number.</summary>
    public static Outcome<JudgeFields> Read(JsonObject document)
    {
        List<FieldFault> faults = [];
        foreach (var (name, value) in document)
        {
            if (!Known.TryGetValue(name, out var type))
            {
                var known = $"left out, since the judge knows no such field: it has {string.Join(", ", Names)}";
                faults.Add(FieldFault.Of($"judge.{name}", value?.ToJsonString(), known));
            }
            else if (!Fits(value, type))
            {
                faults.Add(FieldFault.Of($"judge.{name}", value?.ToJsonString(), type == typeof(int?) ? "a whole number" : "a number"));
            }
        }

        return faults.Count > 0 ? Fault.Invalid(faults) : document.Deserialize<JudgeFields>(FuryJson.Options)!;
    }

    private static bool Fits(JsonNode? value, Type type)
    {
        try
        {
            _ = value.Deserialize(type, FuryJson.Options);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
