using System.Text.Json.Serialization;
using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Deployments.Planning;

/// <summary>A pool as a deployment wants it.</summary>
/// <param name="Replicas">How many carry all of its location's traffic.</param>
/// <param name="Floor">Below which it is not run once it serves alone.</param>
internal sealed record PoolPlan(
    PoolId Id,
    ReleaseId Release,
    VersionName Version,
    ComputeKind Compute,
    Location Location,
    int Replicas,
    int Floor,
    int Ceiling)
{
    /// <summary>Percent of the scope's traffic that goes to its location.</summary>
    public decimal Share { get; init; } = 100;

    /// <summary>The compute kind of its release, which a migration does not change. Null: as <see cref="Compute"/>.</summary>
    public ComputeKind? Asked { get; init; }

    /// <summary>The pool at a size.</summary>
    public PoolPlan Of(int replicas) => this with { Replicas = replicas };
}

/// <summary>One location of the scope: what serves there, and what is to serve there. Where nothing changes there is no candidate.</summary>
internal sealed record Lane(PoolPlan? Current, PoolPlan? Candidate)
{
    /// <summary>The candidate has failed here, while it did not elsewhere: it gets no traffic here.</summary>
    public bool IsBarred { get; init; }

    /// <summary>On the way back the current pool could not be brought back: the candidate goes on serving here.</summary>
    public bool IsKept { get; init; }

    /// <summary>So many replicas of the candidate at least, as far as its size goes: with fewer it was seen to be too small.</summary>
    public int AtLeast { get; init; }

    [JsonIgnore]
    public PoolPlan Either => Candidate ?? Current ?? throw new InvalidOperationException("A lane has a pool.");

    [JsonIgnore]
    public decimal Share => Either.Share;

    /// <summary>Where the requests come from: the current pool's location, or the candidate's where there is none yet.</summary>
    [JsonIgnore]
    public Location Location => (Current ?? Either).Location;

    [JsonIgnore]
    public IEnumerable<PoolPlan> Pools => new[] { Candidate, Current }.OfType<PoolPlan>();
}

/// <summary>One step of the traffic: where, how much, for how long, and what then.</summary>
/// <param name="Lanes">Indices of the lanes whose weight it sets; the others keep theirs.</param>
/// <param name="Weight">The candidate's percent of each of these lanes.</param>
/// <param name="Capacity">For which percent of these lanes' traffic the candidate needs replicas.</param>
/// <param name="MinSeconds">How long at least it is judged; of a timed gate, how long. 0 leaves the step once it has converged.</param>
/// <param name="DeadlineSeconds">How long a gate by hand or by evidence may take.</param>
internal sealed record Cell(
    IReadOnlyList<int> Lanes, decimal Weight, decimal Capacity, Gate Gate, int MinSeconds, int DeadlineSeconds, OnFail OnFail);

/// <summary>The way of a deployment, decided before it begins.</summary>
/// <param name="Cells">In order; after the last one every lane that has a candidate is at weight 100.</param>
internal sealed record Plan(IReadOnlyList<Lane> Lanes, IReadOnlyList<Cell> Cells);
