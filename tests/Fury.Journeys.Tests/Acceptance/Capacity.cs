using Fury.Deployments.Contracts;

namespace Fury.Journeys.Tests.Acceptance;

internal static class Capacity
{
    /// <summary>At 80 %, the current pool has one ready replica of three. An abort moves no request back before all three are ready again.</summary>
    public static async Task AbortAtEighty(Case it)
    {
        await it.Begin(replicas: 3);
        var deployment = await it.Reaches(await it.Step("1.1.0", 80), DeploymentPhase.Judging);
        var current = await it.PoolOf("1.0.0");
        it.Sicken(current.Replicas.Skip(1).Select(replica => $"{replica.Address} HELLO_UNHEALTHY=1"));
        await it.Until("the current pool is small", async () => (await it.PoolOf("1.0.0")).Ready == 1);

        await it.Order(deployment, "abort");
        await it.Reaches(deployment, DeploymentPhase.RestoringCapacity);
        var answered = (await it.PoolOf("1.1.0")).Requests;
        await it.Until("the candidate goes on serving", async () => (await it.PoolOf("1.1.0")).Requests > answered + 100);
        var (before, after) = (await it.PoolOf("1.0.0"), await it.PoolOf("1.1.0"));
        Assert.Equal((1, 20, 80), (before.Ready, before.Weight, after.Weight));

        var mended = TimeProvider.System.GetUtcNow();
        it.Sicken();
        await it.Reaches(deployment, DeploymentPhase.Aborted);
        var shifted = (await it.Events(deployment)).First(one => one.Phase == DeploymentPhase.ShiftingBack);
        Assert.True(shifted.At > mended && shifted.Data["ready"] == "3", $"{shifted}");
        await it.AssertServedAllTheTimeAndNowBy("1.0.0");
    }

    /// <summary>The least is one replica, and four run: a candidate of 50 % opens with three (half, and a fifth more), all traffic needs four.</summary>
    public static async Task ScaledPool(Case it)
    {
        var four = new { schedules = new[] { new { cron = "* * * * *", timeZone = "Europe/Madrid", minReplicas = 4 } } };
        await it.Begin(replicas: 1, replicasMax: 4, scaling: four);
        await it.Until("four replicas run", async () => (await it.PoolOf("1.0.0")).Ready == 4);

        var deployment = await it.Reaches(await it.Step("1.1.0", 50), DeploymentPhase.Judging);
        var (current, candidate) = (await it.PoolOf("1.0.0"), await it.PoolOf("1.1.0"));
        Assert.Equal((4, 3), (current.Ready, candidate.Wanted));
        await it.Order(deployment, "promote");
        await it.Done(deployment);

        var shifts = (await it.Events(deployment)).Where(one => one.Phase == DeploymentPhase.Shifting).Select(one => one.Data["ready"]);
        Assert.Equal(["3", "4"], shifts);
        await it.AssertServedAllTheTimeAndNowBy("1.1.0");
    }

    /// <summary>Somebody else edits the ReplicaSets without a pause, while they are made, grown and taken away: it ends as ever.</summary>
    public static async Task SecondWriter(Case it)
    {
        await it.Begin(replicas: 3);
        using var enough = new CancellationTokenSource();
        var edits = it.EditReplicaSets(enough.Token);
        var deployment = await it.Reaches(await it.Step("1.1.0", 50), DeploymentPhase.Judging);
        await it.Order(deployment, "promote");
        await it.Done(deployment);
        await enough.CancelAsync();

        var shifts = (await it.Events(deployment)).Where(one => one.Phase == DeploymentPhase.Shifting).Select(one => one.Data["ready"]);
        Assert.Equal(["2", "3"], shifts);
        Assert.True(await edits > 100, $"{await edits} edits");
        it.Note($"{await edits} edits");
        await it.AssertServedAllTheTimeAndNowBy("1.1.0");
    }
}
