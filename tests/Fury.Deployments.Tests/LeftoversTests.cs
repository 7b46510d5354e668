using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Scopes;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Deployments.Tests;

/// <summary>A pool that a slow proxy may still send to outlives its deployment, and not for longer than that.</summary>
public sealed class LeftoversTests(House house) : IClassFixture<House>
{
    [Fact]
    public async Task A_pool_that_a_slow_proxy_may_still_send_to_is_taken_down_once_the_proxy_has_moved()
    {
        await house.Started();
        var scope = house.NewScope();
        var first = await house.Ended((await house.Deploy(scope, "1.0.0")).Id);
        house.Tables.AutoApply = false;
        house.Tables.Connect("slow");
        var second = await house.Deploy(scope, "1.1.0", "blue-green", House.Quick with { ConvergeSeconds = 3, DrainSeconds = 0 });
        await house.In(second.Id, DeploymentPhase.Converging);
        house.Tables.Apply("slow", (await house.Tables.Current(scope, default)).Version);

        var ended = await house.Ended(second.Id);
        var kept = (await house.Engine.Describe(first.CandidatePool, default)).Value;
        house.Tables.Apply("slow", (await house.Tables.Current(scope, default)).Version);
        await house.Get<IEnumerable<IReconciler>>().Single(one => one.Name == "deployments-leftovers").Pass(1, default);

        Assert.Equal(DeploymentPhase.Done, ended.Phase);
        Assert.Contains("slow", ended.Reason, StringComparison.Ordinal);
        Assert.Equal(PoolPhase.Active, kept.Phase);
        Assert.Equal(PoolPhase.Retired, (await house.Engine.Describe(first.CandidatePool, default)).Value.Phase);
    }

    [Theory]
    [InlineData(false, true, 1, 0, true)]
    [InlineData(true, true, 1, 0, false)]
    [InlineData(false, false, 1, 0, false)]
    [InlineData(false, true, 0, 0, false)]
    [InlineData(false, true, 1, 3, false)]
    public void A_pool_goes_only_when_nothing_sends_to_it_and_another_serves(
        bool inTable, bool converged, int readyElsewhere, int inFlight, bool expected)
    {
        var now = TimeProvider.System.GetUtcNow();
        var scope = ScopeRef.Parse("shop/test-web");
        var pool = new Planning.PoolPlan(
            PoolId.New(TimeProvider.System), FakeCatalog.IdOf(scope, "1.0.0"), VersionName.Parse("1.0.0"), ComputeKind.Standard,
            Planning.Planner.FirstLocation, 1, 1, 1);
        var table = new RoutingTable(scope, 1, [new(inTable ? pool.Id : PoolId.New(TimeProvider.System), 100)], 1);
        var leftover = new Leftover(scope, pool, now.AddMinutes(1));
        List<ProxyState> waiting = [];
        if (!converged)
        {
            waiting.Add(new("slow", ProxyStage.Waiting, now, "it has not acknowledged"));
        }

        if (inFlight > 0)
        {
            waiting.Add(new("busy", ProxyStage.Busy, now, $"{inFlight} requests in flight"));
        }

        var drained = new Convergence(1, waiting);
        Assert.Equal(expected, Leftovers.MayRetire(leftover, table, drained, readyElsewhere, now));
        Assert.Equal(expected || inFlight > 0, Leftovers.MayRetire(leftover, table, drained, readyElsewhere, leftover.DrainUntil));
    }
}
