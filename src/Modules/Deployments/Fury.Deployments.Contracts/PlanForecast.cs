using Fury.Kernel;

namespace Fury.Deployments.Contracts;

/// <summary>What a deployment would do now, before anything is done.</summary>
/// <param name="RequestsPerSecond">To the whole scope, as seen just now.</param>
/// <param name="ExpectedSeconds">
/// For all steps and the bake, without the time that replicas need to start; null when a step is left by hand or may never be.
/// </param>
/// <param name="Reservations">What the candidate has at its largest, beside what runs.</param>
/// <param name="Warnings">What speaks against it as it stands, each in one sentence with what would help.</param>
public sealed record PlanForecast(
    ScopeRef Scope,
    Strategy Strategy,
    VersionName Version,
    ReleaseId Release,
    double RequestsPerSecond,
    IReadOnlyList<StepForecast> Steps,
    double? ExpectedSeconds,
    IReadOnlyList<Reservation> Reservations,
    IReadOnlyList<string> Warnings);

/// <param name="ExpectedSeconds">Null when it is left by hand, or when it cannot be expected to be left before its deadline.</param>
/// <param name="EvidenceSeconds">How long it takes at this traffic to be as sure as the judge has to be; null when it is no step of evidence.</param>
public sealed record StepForecast(StepStatus Step, double? ExpectedSeconds, double? EvidenceSeconds);

/// <summary>Replicas at a location.</summary>
public sealed record Reservation(string Location, int Replicas, InstanceSize Size);
