using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Planning;
using Fury.Kernel;

namespace Fury.Deployments.Tests;

public sealed class PlannerTests
{
    private readonly Catalog.Contracts.Release _release;

    public PlannerTests()
    {
        var catalog = new FakeCatalog { MinReplicas = 2 };
        _release = catalog.Freeze(catalog.AddScope("shop/test-web"), VersionName.Parse("1.0.0"), default).Result.Value;
    }

    [Theory]
    [InlineData(null, 2)]
    [InlineData(0, 2)]
    [InlineData(1, 2)]
    [InlineData(7, 7)]
    [InlineData(99, 10)]
    public void The_candidate_starts_at_the_size_that_is_seen_and_not_at_the_minimum(int? currentReady, int replicas)
    {
        var policy = Policies.DefaultOf(Strategy.BlueGreen);
        var plan = Planner.Of(_release, PoolId.New(TimeProvider.System), policy, currentReady is null ? null : Pool(), currentReady ?? 0);

        Assert.Equal(replicas, plan.Candidate.Replicas);
        var cell = Assert.Single(plan.Cells);
        Assert.Equal((100, replicas, policy.JudgeSeconds), (cell.Weight, cell.Replicas, cell.JudgeSeconds));
    }

    [Fact]
    public void A_candidate_goes_where_the_current_pool_is()
    {
        var elsewhere = Pool() with { Location = new Location("cloud", "north", "instances") };

        var plan = Planner.Of(_release, default, Policies.DefaultOf(Strategy.AllIn), elsewhere, 1);

        Assert.Equal(elsewhere.Location, plan.Candidate.Location);
    }

    [Fact]
    public void Only_blue_green_judges_and_bakes_by_default()
    {
        Assert.Equal((30, 30), (Policies.DefaultOf(Strategy.BlueGreen).JudgeSeconds, Policies.DefaultOf(Strategy.BlueGreen).BakeSeconds));
        Assert.Equal((0, 0), (Policies.DefaultOf(Strategy.AllIn).JudgeSeconds, Policies.DefaultOf(Strategy.AllIn).BakeSeconds));
        Assert.Equal((0, 0), (Policies.DefaultOf(Strategy.Rollback).JudgeSeconds, Policies.DefaultOf(Strategy.Rollback).BakeSeconds));
    }

    private PoolPlan Pool() => new(
        PoolId.New(TimeProvider.System), _release.Id, _release.Version, ComputeKind.Standard, Planner.FirstLocation, 2, 2, 10);
}
