using Fury.Deployments.Contracts;

namespace Fury.Benchmarks.Day;

/// <summary>A deployment that somebody will ask for.</summary>
internal sealed record Wanted(int Number, DayScope Scope, Kind Kind, DateTimeOffset At, int Seed);

/// <summary>What has become of it.</summary>
/// <param name="IsTakenBack">By the platform; not by a person.</param>
/// <param name="WasHeld">A person was asked.</param>
/// <param name="FirstServedAt">When the candidate had its first request; null when it had none.</param>
/// <param name="DecidedAt">When it was decided to go back, by whomever; null when it was not.</param>
/// <param name="Requests">To the candidate.</param>
/// <param name="Excess">Errors of the candidate, beyond what a good one would have had.</param>
internal sealed record Ended(
    Wanted Wanted,
    DateTimeOffset EndedAt,
    bool IsTakenBack,
    bool WasHeld,
    DateTimeOffset? FirstServedAt,
    DateTimeOffset? DecidedAt,
    long Requests,
    double Excess,
    string? Reason)
{
    public Kind Kind => Wanted.Kind;

    public Strategy Strategy => Wanted.Scope.Strategy;
}
