using System.Text.Json.Serialization;

namespace Fury.Deployments.Contracts;

/// <summary>What is asked of the source of a metric.</summary>
public enum MetricKind
{
    /// <summary>Two counters: how many of how many.</summary>
    Ratio,

    /// <summary>One gauge for each pool.</summary>
    Value,
}

/// <summary>The direction in which a metric gets worse.</summary>
public enum Direction
{
    Increase,
    Decrease,
}

/// <summary>A metric of the application's own, as a caller wishes it; what is null has the default of <see cref="MetricPolicy"/>.</summary>
/// <param name="Name">1 to 60 of <c>a-z 0-9 . _ -</c>, none of the judge's own.</param>
/// <param name="Source">The name of a source that the platform is configured with.</param>
/// <param name="Kind"><c>ratio</c> or <c>value</c>.</param>
/// <param name="Bad">
/// Of a ratio: the query of the events that are counted. Each query contains <c>$pools</c>, in whose place come the pools that are asked for.
/// </param>
/// <param name="All">Of a ratio: the query of those that they are some of.</param>
/// <param name="Value">Of a value: its query.</param>
/// <param name="Worse"><c>increase</c> or <c>decrease</c>.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record MetricRequest(
    string? Name,
    string? Source,
    string? Kind = null,
    string? Bad = null,
    string? All = null,
    string? Value = null,
    string? Worse = null,
    double? Tolerance = null,
    double? Weight = null,
    bool? Critical = null,
    bool? Shadow = null,
    bool? MustHaveData = null,
    int? SpacingSeconds = null);

/// <summary>A metric of the application's own that a candidate is judged by.</summary>
public sealed record MetricPolicy(string Name, string Source, MetricKind Kind)
{
    /// <summary>Of a ratio.</summary>
    public string? Bad { get; init; }

    /// <summary>Of a ratio.</summary>
    public string? All { get; init; }

    /// <summary>Of a value.</summary>
    public string? Value { get; init; }

    public Direction Worse { get; init; }

    /// <summary>By how much of the current's the candidate may be worse: 0.25 is a quarter. Above 0, below 100.</summary>
    public double Tolerance { get; init; } = 0.25;

    /// <summary>Its part of the false alarms, beside the other metrics' (errors have 8). Above 0, below 1000.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Keeps four times its weight.</summary>
    public bool Critical { get; init; }

    /// <summary>Judged and told, never decides.</summary>
    public bool Shadow { get; init; }

    /// <summary>Without data there is no pass. Else it is left out when there is none.</summary>
    public bool MustHaveData { get; init; } = true;

    /// <summary>Of a value: how far apart points must be to count, 0 to 3600.</summary>
    public int SpacingSeconds { get; init; } = 60;
}
