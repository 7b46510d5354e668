using Fury.Cli.CommandLine;
using Microsoft.AspNetCore.Http;

namespace Fury.Cli.Tests;

/// <summary>Jobs and schedules, as people ask for them and read of them.</summary>
public sealed class JobTests
{
    private const string Id = "01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d";
    private const string Jobs = "/api/v1/applications/hello/scopes/test-jobs/jobs";
    private const string Nightly = "/api/v1/applications/hello/scopes/test-jobs/schedules/nightly";

    private const string Schedule = """
        {"name":"nightly","cron":"30 2 * * *","timeZone":"Europe/Madrid","concurrency":"forbid","paused":false,"succeededKept":10,"failedKept":10,
         "job":{"version":"1.0.0","command":"report"},"nextAt":"2026-01-02T01:30:00Z","leftOut":null}
        """;

    private static readonly string[] Here = ["-a", "hello", "-s", "test-jobs"];

    [Fact]
    public async Task A_job_is_asked_for_with_what_was_said_and_nothing_else()
    {
        await using var api = await FakeApi.Start();
        api.Answers("POST", Jobs, Run("waiting"), 201);

        var run = await InProcess.Run(
            api, ["job", "run", "1.0.0", .. Here, "--command", "migrate", "--argument", "--all", "--retries", "2", "--deadline", "10m", "--key", "k-1"]);

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Contains($"run       {Id}", run.Out, StringComparison.Ordinal);
        var request = Assert.Single(api.Requests);
        Assert.Contains("\"version\":\"1.0.0\",\"command\":\"migrate\",\"arguments\":[\"--all\"]", request.Body, StringComparison.Ordinal);
        Assert.Contains("\"retries\":2,\"deadlineSeconds\":600", request.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("cpuMillis", request.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("succeeded", ExitCode.Ok)]
    [InlineData("failed", ExitCode.WentBack)]
    public async Task A_job_that_is_watched_shows_its_lines_and_the_exit_code_tells_how_it_ended(string phase, int exitCode)
    {
        await using var api = await FakeApi.Start();
        api.Answers("POST", Jobs, Run("waiting"), 201);
        api.On("GET", $"{Jobs}/{Id}/logs?tail=5000&follow=true", context => context.Response.WriteAsync("2026-01-01T00:00:00.000Z 1 hello\n"));
        api.Answers("GET", $"{Jobs}/{Id}", Run(phase));

        var run = await InProcess.Run(api, ["job", "run", "1.0.0", .. Here, "--watch"]);

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains("Z 1 hello\n", run.Out, StringComparison.Ordinal);
        Assert.Contains($"phase     {phase}", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_are_listed_and_one_is_cancelled()
    {
        await using var api = await FakeApi.Start();
        api.Answers("GET", $"{Jobs}?schedule=nightly", $$"""{"items":[{{Run("lost")}}],"next":null}""");
        api.Answers("POST", $"{Jobs}/{Id}/cancel", Run("cancelled"));

        var list = await InProcess.Run(api, ["job", "list", .. Here, "--schedule", "nightly"]);
        var cancel = await InProcess.Run(api, ["job", "cancel", Id, .. Here, "--reason", "wrong data"]);

        Assert.Contains("lost", list.Out, StringComparison.Ordinal);
        Assert.Contains("phase     cancelled", cancel.Out, StringComparison.Ordinal);
        Assert.Contains("\"reason\":\"wrong data\"", api.Requests.Last().Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schedule_is_set_paused_run_and_removed()
    {
        await using var api = await FakeApi.Start();
        api.Answers("PUT", Nightly, Schedule);
        api.Answers("POST", $"{Nightly}/pause", Schedule);
        api.Answers("POST", $"{Nightly}/run", Run("waiting"), 201);
        api.On("DELETE", Nightly, context => FakeApi.Write(context, 204, ""));

        var set = await InProcess.Run(
            api, ["schedule", "set", "nightly", "1.0.0", .. Here, "--cron", "30 2 * * *", "--time-zone", "Europe/Madrid", "--command", "report"]);
        var pause = await InProcess.Run(api, ["schedule", "pause", "nightly", .. Here]);
        var run = await InProcess.Run(api, ["schedule", "run", "nightly", .. Here]);
        var remove = await InProcess.Run(api, ["schedule", "remove", "nightly", .. Here]);

        Assert.All([set, pause, run, remove], one => Assert.Equal(ExitCode.Ok, one.ExitCode));
        Assert.Contains("next         2026-01-02 01:30:00Z", set.Out, StringComparison.Ordinal);
        Assert.Contains("\"cron\":\"30 2 * * *\",\"timeZone\":\"Europe/Madrid\"", api.Requests.First().Body, StringComparison.Ordinal);
        Assert.Equal("Schedule nightly is forgotten.\n", remove.Out);
    }

    private static string Run(string phase) => $$"""
        {"id":"{{Id}}","schedule":null,"dueAt":null,"version":"1.0.0","phase":"{{phase}}","reason":null,"cluster":"one","failures":0,
         "createdAt":"2026-01-01T00:00:00Z","startBy":"2026-01-01T01:00:00Z","startedAt":null,"endedAt":null}
        """;
}
