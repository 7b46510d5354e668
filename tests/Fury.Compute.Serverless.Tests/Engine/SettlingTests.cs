using Fury.Compute.Contracts;
using Fury.Compute.Serverless.Placement;
using Fury.Compute.Serverless.Pools;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Tests.Engine;

/// <summary>From a decision to shares, and to what clusters are asked.</summary>
public sealed class SettlingTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Each_cluster_is_asked_once_for_its_part()
    {
        var (pool, moves) = Settling.Settle(Given(3), Decided(0, ("one", "a", 1), ("one", "b", 1), ("two", "a", 1)), Now);

        Assert.Equal([("one", 2), ("two", 1)], pool.Shares.Select(share => (share.Cluster, share.Replicas)));
        Assert.Equal(["one", "two"], moves.OfType<ShareMove.Apply>().Select(move => move.Cluster));
        Assert.True(Settling.IsSettled(pool));
    }

    [Fact]
    public void Replicas_are_placed_as_work_of_their_kind()
    {
        var pool = Given(1);
        var request = Settling.RequestOf(pool with { Spec = pool.Spec with { Criticality = Criticality.Critical, Workload = WorkloadType.Worker } });

        Assert.Equal((Criticality.Critical, WorkloadType.Worker), (request.Criticality, request.WorkloadType));
    }

    [Fact]
    public void A_cluster_whose_part_stays_under_the_same_wish_is_not_asked_again()
    {
        var (placed, _) = Settling.Settle(Given(2), Decided(0, ("one", "a", 2)), Now);
        var (_, moves) = Settling.Settle(placed, Decided(0, ("one", "a", 2)), Now);

        Assert.Empty(moves);
    }

    [Fact]
    public void A_cluster_that_has_no_part_any_more_is_left_and_forgotten_once_nothing_is_there()
    {
        var (placed, _) = Settling.Settle(Given(2), Decided(0, ("one", "a", 1), ("two", "a", 1)), Now);
        var (moved, moves) = Settling.Settle(placed with { Wish = 2 }, Decided(0, ("one", "a", 2)), Now);

        Assert.Equal(["one"], moves.OfType<ShareMove.Apply>().Select(move => move.Cluster));
        Assert.Equal(["two"], moves.OfType<ShareMove.Remove>().Select(move => move.Cluster));
        Assert.True(moved.ShareIn("two")!.Leaving);
        Assert.Null(Settling.Left(moved, "two").ShareIn("two"));
        Assert.NotNull(Settling.Left(moved, "one").ShareIn("one"));
    }

    [Fact]
    public void What_finds_no_place_is_the_pools_problem_and_is_tried_again()
    {
        var (pool, _) = Settling.Settle(Given(3), Decided(1, ("one", "a", 2)), Now);

        Assert.Equal(FaultKind.Exhausted, pool.Problem!.Kind);
        Assert.Equal(Now + Settling.RetryPause, pool.RetryAt);
        Assert.False(Settling.IsSettled(pool));
    }

    [Fact]
    public void A_pool_that_is_let_go_is_retired_when_its_last_cluster_has_nothing_of_it()
    {
        var (placed, _) = Settling.Settle(Given(2), Decided(0, ("one", "a", 1), ("two", "a", 1)), Now);
        var (going, moves) = Settling.LetGo(Wishes.Retire(placed, placed.Spec.Id));

        Assert.Equal(2, moves.OfType<ShareMove.Remove>().Count());
        var half = Settling.Left(going, "one");
        Assert.Equal(PoolPhase.Retiring, half.Phase);
        Assert.Equal(PoolPhase.Retired, Settling.Left(half, "two").Phase);
    }

    [Fact]
    public void A_location_names_a_region_or_one_cluster_of_it()
    {
        Assert.Empty(Settling.AffinityOf(new("aws", "us-east-1", "clusters")).Clusters);
        Assert.Equal(["prod-a"], Settling.AffinityOf(new("aws", "us-east-1", "prod-a")).Clusters);
    }

    private static Pool Given(int replicas) => Pool.New(new(
        PoolId.New(TimeProvider.System),
        ServerlessComputeTests.Release(ScopeRef.Parse("shop/production-web"), 1, new(100, 64)),
        new("local", "here", "clusters"),
        replicas,
        Floor: 0,
        Ceiling: 10));

    private static Decision Decided(int pending, params (string Cluster, string Zone, int Replicas)[] placed) => new(
        default,
        Now,
        1,
        placed.Sum(one => one.Replicas) + pending,
        [.. placed.Select(one => new Placed(one.Cluster, one.Zone, one.Replicas))],
        [],
        pending,
        pending == 0 ? null : PendingReason.NoRoom,
        2,
        2,
        [],
        [],
        0);
}
