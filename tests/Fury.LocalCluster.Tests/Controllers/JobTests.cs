using System.Net;
using System.Text.Json.Nodes;
using Fury.Testing;

namespace Fury.LocalCluster.Tests;

/// <summary>Jobs and cron jobs, on simulated pods that end by themselves.</summary>
public sealed class JobTests : OnSimulatedCluster
{
    private const string Job = "apis/batch/v1/namespaces/default/jobs";
    private const string Cron = "apis/batch/v1/namespaces/default/cronjobs";

    [Fact]
    public async Task A_job_runs_to_its_end_and_is_cleaned_up()
    {
        await Api.Post(Job, JobOf("once", "\"completions\":3,\"parallelism\":2,\"ttlSecondsAfterFinished\":60", exitCode: 0));
        await Eventually.True(async () => Has((await Api.Get($"{Job}/once")).Body, "Complete"));
        var job = (await Api.Get($"{Job}/once")).Body;
        Assert.Equal((3L, null), (job.Number("status", "succeeded"), job.Number("status", "active")));
        await Move(async () => (await Api.Get($"{Job}/once")).Code == HttpStatusCode.NotFound, TimeSpan.FromSeconds(10));
        await Eventually.True(async () => (await Api.Get(Client.Pods)).Names.Count == 0);
    }

    [Fact]
    public async Task A_job_that_fails_too_often_has_failed()
    {
        await Api.Post(Job, JobOf("bad", "\"backoffLimit\":1", exitCode: 3));
        await Move(async () => Has((await Api.Get($"{Job}/bad")).Body, "Failed"), TimeSpan.FromSeconds(5));
        var condition = (await Api.Get($"{Job}/bad")).Body.Array("status", "conditions")!.Single(item => item.Text("type") == "Failed");
        Assert.Equal("BackoffLimitExceeded", condition.Text("reason"));
        Assert.Equal(2, (await Api.Get(Client.Pods)).Names.Count);
    }

    [Fact]
    public async Task A_cron_job_makes_jobs_at_its_times_and_keeps_a_few()
    {
        await Api.Post(Cron, CronOf("tick", "\"successfulJobsHistoryLimit\":2", Spec("", 0)));
        var first = Clock.GetUtcNow().ToUnixTimeSeconds() / 60;
        await Move(async () => (await Api.Get(Job)).Names.Contains($"tick-{first + 3}"), TimeSpan.FromSeconds(20));
        await Eventually.True(async () => (await Api.Get(Job)).Names.Count <= 3);
        Assert.NotNull((await Api.Get($"{Cron}/tick")).Body.Time("status", "lastScheduleTime"));
    }

    [Fact]
    public async Task A_cron_job_that_forbids_it_does_not_run_beside_itself()
    {
        await Api.Post(Cron, CronOf("long", "\"concurrencyPolicy\":\"Forbid\"", Spec("", 0, runMillis: -1)));
        await Move(async () => (await Api.Get(Job)).Names.Count == 1, TimeSpan.FromSeconds(20));
        for (var minute = 0; minute < 3; minute++)
        {
            Clock.Advance(TimeSpan.FromMinutes(1));
            await Api.Patch($"{Cron}/long", $"{{\"metadata\":{{\"labels\":{{\"minute\":\"{minute}\"}}}}}}");
        }

        // All controllers take turns: when the pod of this one is ready, the cron job has been looked at in the last minute too.
        await Api.Post(Client.Sets, Client.Set("later", 1));
        await Ready("later", 1);
        Assert.Single((await Api.Get($"{Cron}/long")).Body.Array("status", "active")!);
        Assert.Single((await Api.Get(Job)).Names);
    }

    private static bool Has(JsonNode value, string condition) =>
        (value.Array("status", "conditions") ?? []).Any(item => item.Text("type") == condition && item.Text("status") == "True");

    private static string JobOf(string name, string spec, int exitCode) => $"{{\"metadata\":{{\"name\":\"{name}\"}},\"spec\":{Spec(spec, exitCode)}}}";

    private static string CronOf(string name, string spec, string job) =>
        $"{{\"metadata\":{{\"name\":\"{name}\"}},\"spec\":{{\"schedule\":\"* * * * *\",{spec},\"jobTemplate\":{{\"spec\":{job}}}}}}}";

    private static string Spec(string spec, int exitCode, int runMillis = 0) =>
        """
        {SPEC"template":{"metadata":{"annotations":{"localcluster.fury/exit-code":"CODE","localcluster.fury/run-ms":"RUN"}},
         "spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i:1"}]}}}
        """.Replace("SPEC", spec.Length > 0 ? spec + "," : "", StringComparison.Ordinal)
            .Replace("CODE", exitCode.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("RUN", runMillis.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
