using Fury.Deployments.Contracts;

namespace Fury.Journeys.Tests.Acceptance;

internal static class Places
{
    private const string North = "local/north/instances";

    /// <summary>Three regions, and the candidate is bad in one: it goes back there, the others are held, and somebody is told what to do.</summary>
    public static async Task RegressionInOne(Case it)
    {
        await it.Begin(rate: 120, locations: [new(North), new("local/east/instances"), new("local/south/instances")]);
        var deployment = await it.Reaches(await it.Step("1.1.0", 50), DeploymentPhase.Judging);
        var bad = (await it.Status()).Pools.Single(pool => pool.Version.Value == "1.1.0" && pool.Location == North);
        it.Sicken(bad.Replicas.Select(replica => $"{replica.Address} HELLO_ERROR_RATE=0.5"));

        deployment = await it.Reaches(deployment, DeploymentPhase.Held, now => now.Lanes.Any(lane => lane.IsBarred));
        Assert.Equal([(North, 0, true), ("local/east/instances", 50, false), ("local/south/instances", 50, false)],
            deployment.Lanes.Select(lane => (lane.Location, lane.Weight, lane.IsBarred)));
        Assert.Contains($"It goes back at {North} alone", deployment.Held!.Why, StringComparison.Ordinal);
        var answered = (await it.Status()).Pools.Where(pool => pool.Version.Value == "1.1.0").Sum(pool => pool.Requests);
        await it.Until("the others go on", async () =>
            (await it.Status()).Pools.Where(pool => pool.Version.Value == "1.1.0").Sum(pool => pool.Requests) > answered + 150);
        Assert.Equal([0, 16.67m, 16.67m], (await it.Status()).Pools.Where(pool => pool.Version.Value == "1.1.0").Select(pool => pool.Weight).Order());

        await it.Order(deployment, "abort");
        await it.Reaches(deployment, DeploymentPhase.Aborted);
        await it.AssertServedAllTheTimeAndNowBy("1.0.0", "1.1.0");
    }

    /// <summary>Two instances become three pods, by weight, never more of it than is ready; and one table brings all of it back.</summary>
    public static async Task IntoTheCluster(Case it)
    {
        await it.Begin(replicasMax: 4);
        await it.TrustedCluster();
        var deployment = await it.Deploy(new(null, "migration", Case.Quick)
        {
            To = "local/this-machine/clusters",
            ReplicaRatio = 1.5m,
            Steps = [new(50, "timed", 1), new(100, "timed", 1)],
        });
        deployment = await it.Reaches(deployment, DeploymentPhase.Held, now => now.Held?.Cause == "finalise");
        var shifts = (await it.Events(deployment)).Where(one => one.Phase == DeploymentPhase.Shifting).Select(one => one.Data["ready"]);
        Assert.Equal(["2", "3"], shifts);
        var there = await it.Status();
        Assert.Equal(
            [("local/this-machine/clusters", 100, 3), ("local/this-machine/instances", 0, 2)],
            there.Pools.Select(pool => (pool.Location, pool.Weight, pool.Ready)).Order());

        await it.Order(deployment, "abort");
        await it.Reaches(deployment, DeploymentPhase.Aborted);
        var back = (await it.Events(deployment)).SkipWhile(one => one.Phase != DeploymentPhase.RestoringCapacity).Take(3).ToList();
        Assert.Equal([DeploymentPhase.RestoringCapacity, DeploymentPhase.ShiftingBack, DeploymentPhase.ConvergingBack], back.Select(one => one.Phase));
        Assert.StartsWith("All traffic goes to 1.0.0 in table version", back[2].Message, StringComparison.Ordinal);
        Assert.Equal("local/this-machine/instances", Assert.Single((await it.Status()).Pools, pool => pool.Weight > 0).Location);
        await it.AssertServedAllTheTimeAndNowBy("1.0.0");
    }
}
