namespace Fury.Compute.Standard.Autoscaling;

/// <summary>What is known of a pool at one moment.</summary>
/// <param name="Values">Of each metric of its policy, the pool's as a whole; what is not known now is left out.</param>
/// <param name="Replicas">That are wanted now.</param>
/// <param name="Floor">The number below which it is never run.</param>
internal sealed record Reading(DateTimeOffset At, IReadOnlyDictionary<string, double> Values, int Replicas, int Floor, int Ceiling)
{
    public bool MayShrink { get; init; } = true;
}

/// <summary>How many there are to be.</summary>
/// <param name="Why">In one sentence, for people.</param>
internal sealed record Wanted(int Replicas, string Why);
