using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Driving;
using Fury.Deployments.Judging;
using Fury.Deployments.Planning;
using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Deployments.Tests;

/// <summary>A deployment in a phase, and what its driver sees: sane values, changed with <c>with</c>.</summary>
internal static class AMoment
{
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly ScopeRef Scope = ScopeRef.Parse("shop/test-web");
    public static readonly PoolPlan Old = Pool("1.0.0");
    public static readonly PoolPlan Candidate = Pool("1.1.0");
    public static readonly ProxyState Slow = new("slow", ProxyStage.Rejected, Now.AddSeconds(-3), "the weights look odd");

    public static DeploymentRecord Next(DeploymentRecord record, Seen seen) =>
        Assert.IsType<Move.Go>(Machine.Advance(record, seen, Now)).Next;

    public static DeploymentRecord In(DeploymentPhase phase, Strategy strategy = Strategy.BlueGreen)
    {
        var policy = Policies.DefaultOf(strategy);
        var lanes = phase == DeploymentPhase.Admitted ? (Lane[])[] : [new(Old, Candidate)];
        return new DeploymentRecord(
            DeploymentId.New(TimeProvider.System), Scope, strategy, policy, Candidate.Release, Candidate.Version, Candidate.Id, Now)
        {
            Phase = phase,
            PhaseSince = Now.AddSeconds(-1),
            Deadline = Now.AddHours(1),
            Revision = 5,
            Fence = 1,
            Lanes = lanes,
            Cells = lanes is [] ? [] : Cells.Of(strategy, policy, [], lanes).Value,
            TableVersion = 2,
            Held = phase == DeploymentPhase.Held ? new(HoldCause.Operator, "asked to.", Now, DeploymentPhase.Judging) : null,
            Back = phase is >= DeploymentPhase.RestoringCapacity and < DeploymentPhase.Done ? new WayBack(Asked: false, "It failed.") : null,
        };
    }

    public static Seen Look(int oldReady, int candidateReady, int restarts = 0) =>
        Look(State(Old, oldReady), State(Candidate, candidateReady, restarts));

    public static Seen Look(params PoolState[] pools) => new()
    {
        Pools = pools.ToDictionary(pool => pool.Id),
        Table = new RoutingTable(Scope, 2, [new(Candidate.Id, 100), new(Old.Id, 0)], 1),
        Fresh = [PoolId.New(TimeProvider.System)],
    };

    public static Verdict Says(VerdictKind kind) => new(kind, Cause.Undecided, $"It is {kind}.");

    private static PoolPlan Pool(string version) => new(
        PoolId.New(TimeProvider.System), FakeCatalog.IdOf(Scope, version), VersionName.Parse(version), ComputeKind.Standard,
        Planner.FirstLocation, 2, 2, 10);

    public static PoolState State(PoolPlan pool, int ready, int restarts = 0) => new(
        PoolSpec.Unknown(pool.Id) with { Replicas = pool.Replicas, Floor = pool.Floor, Ceiling = pool.Ceiling },
        PoolPhase.Active,
        [.. Enumerable.Range(0, ready).Select(_ =>
            new ReplicaState(InstanceId.New(TimeProvider.System), ReplicaPhase.Ready, "127.0.0.2", 80, restarts, null))],
        1);
}
