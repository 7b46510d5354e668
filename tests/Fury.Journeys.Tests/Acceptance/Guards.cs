using System.Text.Json;
using Fury.Deployments.Contracts;

namespace Fury.Journeys.Tests.Acceptance;

internal static class Guards
{
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);

    /// <summary>One replica is ready for a moment again and again and one never: that is no progress, and the deadline comes when it was said to.</summary>
    public static async Task CrashLoop(Case it)
    {
        const int Deadline = 25;
        await it.Begin();
        it.Sicken("1.1.0 HELLO_UNHEALTHY=1");
        var deployment = await it.Deploy(new("1.1.0", "canary", Case.Quick with { ProvisionSeconds = Deadline, MaxRestarts = 1000 }));
        string? flapping = null;
        await it.Until("the candidate's replicas run", async () =>
        {
            var pool = (await it.Status()).Pools.FirstOrDefault(pool => pool.Version.Value == "1.1.0");
            flapping = pool?.Replicas.Select(replica => replica.Address).FirstOrDefault(address => address is not null);
            return flapping is not null;
        });
        var (changes, isReady) = (0, false);
        while ((await it.Find(deployment)).Phase is DeploymentPhase.Admitted or DeploymentPhase.Provisioning)
        {
            // Ready it is to crash, and crashed to be ready again.
            it.Sicken("1.1.0 HELLO_UNHEALTHY=1", $"{flapping} HELLO_UNHEALTHY=0 HELLO_CRASH={(isReady ? 1 : 0)}");
            await it.Until("it is the other, or given up", async () =>
                (await it.Find(deployment)).Phase != DeploymentPhase.Provisioning || (await it.PoolOf("1.1.0")).Ready > 0 != isReady);
            isReady = !isReady;
            changes++;
        }

        it.Note($"ready, and crashed: {changes} changes, the last of which is the end");
        Assert.True(changes >= 3, $"It was not seen to be ready and to crash: {changes} changes.\n{it.Notes}");
        deployment = await it.Reaches(deployment, DeploymentPhase.RolledBack);
        var events = await it.Events(deployment);
        var began = events.First(one => one.Phase == DeploymentPhase.Provisioning);
        var ended = events.First(one => one.Phase == DeploymentPhase.RestoringCapacity);
        Assert.Contains($" of 2 replicas were ready after {Deadline} s", ended.Message, StringComparison.Ordinal);
        Assert.InRange(ended.At - began.At, TimeSpan.FromSeconds(Deadline), TimeSpan.FromSeconds(Deadline) + Slack);
        await it.AssertServedAllTheTimeAndNowBy("1.0.0");
    }

    /// <summary>A freeze that begins at 25 % holds it there. What fails meanwhile goes back all the same, and somebody may go back further.</summary>
    public static async Task FreezeAtAQuarter(Case it)
    {
        await it.Begin();
        await it.Register("1.2.0");
        await it.Done(await it.Deploy(new("1.1.0", "all-in", Case.Quick)));
        var deployment = await it.Reaches(await it.Step("1.2.0", 25), DeploymentPhase.Judging);
        var covers = new { applications = new[] { it.Application } };
        await it.Put($"/api/v1/freezes/{it.Application}", new { covers, inFlight = "hold", reason = "acceptance", by = "ann" });

        deployment = await it.Reaches(deployment, DeploymentPhase.Held);
        Assert.Equal(("freeze", 25), (deployment.Held!.Cause, (await it.PoolOf("1.2.0")).Weight));
        it.Sicken("1.2.0 HELLO_ERROR_RATE=0.5");
        await it.Reaches(deployment, DeploymentPhase.RolledBack);
        await it.Done(await it.Rollback());

        var waits = await it.Deploy(new("1.1.0", "all-in", Case.Quick));
        await it.Reaches(waits, DeploymentPhase.Admitted, now => now.Reason!.StartsWith("It waits to begin:", StringComparison.Ordinal));
        await it.Order(waits, "abort");
        await it.Post<JsonElement>($"/api/v1/freezes/{it.Application}/remove", new { reason = "it is over", by = "ann" });
        await it.AssertServedAllTheTimeAndNowBy("1.0.0", "1.2.0");
    }

    /// <summary>It fails at 50 % and stays there until somebody says what to do.</summary>
    public static async Task ForwardOnly(Case it)
    {
        await it.Begin();
        await it.Register("2.0.0", forwardOnly: true);
        var deployment = await it.Reaches(await it.Step("2.0.0", 50), DeploymentPhase.Judging);
        it.Sicken("2.0.0 HELLO_ERROR_RATE=0.5");

        deployment = await it.Reaches(deployment, DeploymentPhase.Held);
        Assert.Contains("It is held and not taken back", deployment.Held!.Why, StringComparison.Ordinal);
        var answered = (await it.PoolOf("2.0.0")).Requests;
        await it.Until("it goes on failing", async () => (await it.PoolOf("2.0.0")).Requests > answered + 150);
        Assert.Equal((DeploymentPhase.Held, 50), ((await it.Find(deployment)).Phase, (await it.PoolOf("2.0.0")).Weight));

        // Somebody may still say so.
        await it.Order(deployment, "abort");
        await it.Reaches(deployment, DeploymentPhase.Aborted);
        await it.AssertServedAllTheTimeAndNowBy("1.0.0", "2.0.0");
    }
}
