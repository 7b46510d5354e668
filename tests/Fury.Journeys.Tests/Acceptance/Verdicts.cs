using Fury.Deployments.Contracts;

namespace Fury.Journeys.Tests.Acceptance;

internal static class Verdicts
{
    /// <summary>What both arms depend on fails: it is held, says that both suffer, and takes nobody back.</summary>
    public static async Task SharedDependency(Case it)
    {
        await it.Begin();
        var deployment = await it.Reaches(await it.Step("1.1.0", 50), DeploymentPhase.Judging);
        it.Sicken("* HELLO_ERROR_RATE=0.5");

        deployment = await it.Reaches(deployment, DeploymentPhase.Held);
        Assert.StartsWith("Both suffer in ", deployment.Held!.Why, StringComparison.Ordinal);
        var answered = (await it.PoolOf("1.1.0")).Requests;
        await it.Until("both go on failing", async () => (await it.PoolOf("1.1.0")).Requests > answered + 150);
        Assert.Equal((DeploymentPhase.Held, 50), ((await it.Find(deployment)).Phase, (await it.PoolOf("1.1.0")).Weight));

        it.Sicken();
        await it.Order(deployment, "abort");
        await it.Reaches(deployment, DeploymentPhase.Aborted);
        await it.AssertServedAllTheTimeAndNowBy("1.0.0", "1.0.0", "1.1.0");
    }

    /// <summary>One replica of two is sick, though healthy by its own word: it is replaced, the release is not blamed, and it goes on to all traffic.</summary>
    public static async Task SickReplica(Case it)
    {
        await it.Begin();
        var deployment = await it.Reaches(await it.Step("1.1.0", 50), DeploymentPhase.Judging);
        var sick = (await it.PoolOf("1.1.0")).Replicas[0];
        it.Sicken($"{sick.Address} HELLO_ERROR_RATE=1");

        await it.Until("it is replaced", async () =>
            (await it.Events(deployment)).Any(one => one.Message.EndsWith("It is replaced.", StringComparison.Ordinal)));
        await it.Until("another is ready in its place", async () =>
            await it.PoolOf("1.1.0") is { Ready: 2 } pool && pool.Replicas.All(replica => replica.Id != sick.Id));
        it.Sicken();
        await it.Order(deployment, "promote");
        await it.Done(deployment);
        await it.AssertServedAllTheTimeAndNowBy("1.1.0", "1.1.0");
    }
}
