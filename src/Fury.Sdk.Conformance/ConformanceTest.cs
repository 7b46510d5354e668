namespace Fury.Sdk.Conformance;

/// <summary>How much a test asks of a driver.</summary>
public enum ConformanceLevel
{
    /// <summary>One caller, good weather.</summary>
    Contract = 0,

    /// <summary>Many callers: one winner, nothing lost, histories that could have been one after the other.</summary>
    Races = 1,

    /// <summary>Lost requests and answers: nothing happens twice or silently not.</summary>
    Faults = 2,

    /// <summary>Random sequences of operations against a model.</summary>
    Models = 3,

    /// <summary>Live data moved between providers.</summary>
    Migration = 4,

    /// <summary>Switches under load, refused bindings, telemetry.</summary>
    Platform = 5,

    /// <summary>Time and memory of the portable layer.</summary>
    Budget = 6,
}

/// <summary>One promise.</summary>
/// <param name="Name">Stable, e.g. <c>kv: a stale etag is refused</c>.</param>
/// <param name="Requires">Without these it does not apply.</param>
public sealed record ConformanceTest(
    string Name, ServiceKind Kind, ConformanceLevel Level, IReadOnlyList<Capability> Requires, Func<ConformanceRun, Task> Body)
{
    /// <summary>One of those few that a probe of a bound resource runs.</summary>
    public bool IsProbe { get; init; }

    public override string ToString() => Name;
}

public enum ConformanceVerdict
{
    Passed = 0,
    Failed = 1,

    /// <summary>The driver does not say that it can.</summary>
    NotApplicable = 2,
}

/// <param name="Detail">Why it failed, or which capabilities are missing.</param>
public sealed record ConformanceResult(ConformanceTest Test, ConformanceVerdict Verdict, string Detail);

/// <summary>A promise that was not kept.</summary>
public sealed class ConformanceException(string message) : Exception(message);
