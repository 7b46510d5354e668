using Fury.Deployments.Contracts;

namespace Fury.Journeys.Tests.Acceptance;

internal static class Releases
{
    /// <summary>C comes while B is at 25 % of A: B goes first, and C is compared with A.</summary>
    public static async Task NextWhileAtAQuarter(Case it)
    {
        await it.Begin();
        await it.Register("1.2.0");
        var a = await it.PoolOf("1.0.0");
        var b = await it.Reaches(await it.Step("1.1.0", 25), DeploymentPhase.Judging);

        var c = await it.Deploy(new("1.2.0", "canary", Case.Quick, "replace") { Steps = [new(25, "manual"), new(100, "timed", 1)] });
        c = await it.Reaches(c, DeploymentPhase.Judging);
        b = await it.Find(b);
        Assert.Equal((DeploymentPhase.Aborted, a.Id, a.Release), (b.Phase, c.CurrentPool, c.From));
        Assert.True((await it.Events(c)).First(one => one.Phase == DeploymentPhase.Provisioning).At >= b.EndedAt, "It began before the other had gone back.");
        var status = await it.Status();
        Assert.Equal([("1.0.0", 75), ("1.2.0", 25)], status.Pools.Where(pool => pool.Weight > 0).Select(pool => (pool.Version.Value, pool.Weight)).Order());
        Assert.Equal(Addresses(a), Addresses(await it.PoolOf("1.0.0")));

        await it.Order(c, "promote");
        await it.Done(c);
        await it.AssertServedAllTheTimeAndNowBy("1.2.0");
    }

    /// <summary>Only the scope's configuration changes: that is a release like any other, and going back brings the old one back.</summary>
    public static async Task ConfigurationOnly(Case it)
    {
        await it.Begin();
        var before = await it.Status();
        var environment = new Dictionary<string, string> { ["HELLO_VERSION"] = "configured" };
        await it.Configure(new { compute = it.Engine, minReplicas = 2, maxReplicas = 2, environment });
        var changed = await it.Done(await it.Deploy(new(null, "canary", Case.Quick) { Steps = [new(50, "timed", 1), new(100, "timed", 1)] }));
        Assert.Equal("1.0.0", changed.Version.Value);
        Assert.NotEqual(before.Current, changed.To);
        Assert.Equal("configured", await it.Ask());

        var back = await it.Done(await it.Rollback());
        Assert.Equal(before.Current, back.To);
        Assert.Equal("1.0.0", await it.Ask());
        await it.AssertServedAllTheTimeAndNowBy("1.0.0");
    }

    /// <summary>Two requests a second are not evidence enough in a step's ten minutes: that is said before anything is begun, with what would help.</summary>
    public static async Task NoPower(Case it)
    {
        await it.Begin(rate: 2);
        var plan = await it.Cli("plan", "1.1.0", "--strategy", "safe", "--step-deadline", "10m");
        it.Note(plan);
        Assert.Matches("WARNING: Step 1 has no power: at [0-9.]+ requests/s and [0-9]+ % it needs .+ to be sure, and has ", plan);
        Assert.Contains("or leave it by time or by hand.", plan, StringComparison.Ordinal);
        Assert.True(await it.Status() is { InProgress: null, Pools.Count: 1 });
        await it.AssertServedAllTheTimeAndNowBy("1.0.0");
    }

    private static IEnumerable<string?> Addresses(PoolStatus pool) => pool.Replicas.Select(replica => replica.Address).Order();
}
