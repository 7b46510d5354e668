using Fury.Deployments.Contracts;
using Fury.Testing;

namespace Fury.Deployments.Tests.Sources;

/// <summary>Deployments with metrics of their own, driven by the module as it is.</summary>
public sealed class DeployingByMetricsTests(House house) : IClassFixture<House>, IAsyncLifetime
{
    private const string Bad = "failed{fury_pool=~\"$pools\"}";
    private const string All = "all{fury_pool=~\"$pools\"}";

    public Task InitializeAsync() => house.Started();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Scenario_12_a_query_that_does_not_tell_the_pools_apart_turns_it_back_before_it_has_traffic()
    {
        var begun = await Begun(candidate: Seconds);

        var ended = await house.Ended(begun.Id);

        Assert.Equal(DeploymentPhase.RolledBack, ended.Phase);
        Assert.Contains("It cannot be judged. payments: Source shop says the same of the candidate", ended.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(await house.History(begun.Id), one => one.Phase is DeploymentPhase.Shifting or DeploymentPhase.Converging);
    }

    [Fact]
    public async Task One_that_does_goes_on()
    {
        var begun = await Begun(candidate: at => Seconds(at) / 1000);

        await house.In(begun.Id, DeploymentPhase.Judging);
        Assert.True((await house.Deployments.Do(begun.Id, Command.Abort, null, null, default)).IsOk);
        await house.Ended(begun.Id);
    }

    private static double Seconds(DateTimeOffset at) => at.ToUnixTimeSeconds();

    /// <summary>A deployment beside a pool that serves, whose counters count seconds.</summary>
    private async Task<Deployment> Begun(Func<DateTimeOffset, double> candidate)
    {
        var scope = house.NewScope();
        await house.Ended((await house.Deploy(scope, "1.0.0", policy: House.Quick)).Id);
        var begun = await house.Deploy(scope, "1.1.0", "canary", House.Quick with { Metrics = [new("payments", "shop", Bad: Bad, All: All)] });
        await Eventually.True(
            async () => (begun = (await house.Deployments.Find(begun.Id, default)).Value).Lanes.Count > 0, because: "it is planned");
        foreach (var (pool, all) in new[] { (begun.Lanes[0].Current!.Value, Seconds), (begun.Lanes[0].Candidate!.Value, candidate) })
        {
            house.Source.Say(Bad, pool, 1);
            house.Source.Say(All, pool, all);
        }

        return begun;
    }
}
