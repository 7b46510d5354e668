using Fury.Compute.Contracts;
using Fury.Kernel;

namespace Fury.Deployments.Planning;

/// <summary>A pool as a deployment wants it.</summary>
/// <param name="Replicas">How many must be ready before the pool gets its traffic.</param>
internal sealed record PoolPlan(
    PoolId Id,
    ReleaseId Release,
    VersionName Version,
    ComputeKind Compute,
    Location Location,
    int Replicas,
    int Floor,
    int Ceiling);

/// <summary>One step of the traffic: what is shifted, and when the step is left. When it fails the deployment turns back.</summary>
/// <param name="Weight">The candidate's percent of the traffic in this step.</param>
/// <param name="Replicas">How many ready replicas this weight needs.</param>
/// <param name="ConvergeSeconds">The deadline for every live proxy to have applied it.</param>
/// <param name="JudgeSeconds">The exit condition: held against the guards for so long; 0 leaves the step once it has converged.</param>
internal sealed record Cell(Location Location, int Weight, int Replicas, int ConvergeSeconds, int JudgeSeconds);

/// <summary>The way of a deployment, decided before it begins.</summary>
/// <param name="Cells">In order; the last one has weight 100.</param>
internal sealed record Plan(PoolPlan Candidate, IReadOnlyList<Cell> Cells);
