using System.Text.Json.Nodes;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Load;
using Fury.Cli.Quickstart;
using Fury.Deployments.Contracts;
using Spectre.Console;

namespace Fury.Cli.Tests;

public sealed class QuickstartTests
{
    private static readonly string Folder = Path.GetTempPath();

    [Fact]
    public async Task The_story_as_told_twice()
    {
        await using var platform = await FakePlatform.Start();

        var first = await CliProcess.Run(platform.Address, Folder, "quickstart", "--sample", Folder, "--rate", "100", "--json");
        var puts = platform.Puts.Count;
        var second = await Play(platform);

        Assert.Equal((ExitCode.Ok, ""), (first.ExitCode, first.Error));
        var last = JsonNode.Parse(first.Out.TrimEnd().Split('\n')[^1])!.AsObject();
        Assert.Equal(["requests", "failed", "byVersion", "deployments", "switches"], last.Select(member => member.Key));
        Assert.Equal(0, (int)last["failed"]!);
        Assert.Equal((int)last["requests"]!, last["byVersion"]!.AsObject().Sum(version => (int)version.Value!));
        Assert.Equal(["1.0.0", "1.1.0", "1.2.0"], last["byVersion"]!.AsObject().Select(version => version.Key));
        Assert.Equal(
            ["1.0.0 all-in done", "1.1.0 blue-green done", "1.2.0 blue-green rolled-back"],
            last["deployments"]!.AsArray().Select(one => $"{one!["version"]} {one["strategy"]} {one["outcome"]}"));
        Assert.All(last["deployments"]!.AsArray(), one => Assert.InRange((double)one!["seconds"]!, 0.1, 30));
        Assert.Contains("production-web 1.2.0 rolled-back: now RolledBack", first.Out);
        Assert.Contains("failed while 1.1.0 replaced 1.0.0  0\n", first.Out);

        // Everything was found again; nothing is put a second time.
        Assert.Equal((6, 6), (puts, platform.Puts.Count));
        Assert.Empty(second.Wrong);
        Assert.Equal(0, second.Failed);
        Assert.True(second.Traffic.Failed > 0, "the bad version's own answers are counted, apart");
    }

    [Fact]
    public async Task A_request_lost_while_the_good_version_comes_is_told()
    {
        await using var platform = await FakePlatform.Start();
        platform.LosesRequests = true;

        var end = await Play(platform);

        Assert.True(end.FailedWhileMoving > 0);
        Assert.Equal(end.Failed, end.FailedWhileMoving);
        Assert.Contains($"{end.Failed} requests failed, the first at ", Assert.Single(end.Wrong));
        Assert.Contains("503 by the proxy: no-pool", end.Wrong[0]);
    }

    [Fact]
    public async Task A_bad_version_that_stays_is_told()
    {
        await using var platform = await FakePlatform.Start();
        platform.KeepsTheBadOne = true;

        var end = await Play(platform);

        Assert.Equal("1.2.0 ended as done, not as rolled-back: now Done", Assert.Single(end.Wrong));
    }

    [Fact]
    public async Task Without_a_Redis_on_the_machine_the_switch_is_left_out_and_one_line_says_why()
    {
        using var api = new FuryApi(new Uri("http://127.0.0.1:9"), null);
        var log = new StoryLog(TimeProvider.System);

        var end = await new ShopStory(api, Folder, LocalRedis.Find("/nowhere:/nothing"), 100, log, TimeProvider.System).Run(CancellationToken.None);

        Assert.Empty(end.Switches);
        Assert.Empty(end.Wrong);
        Assert.Equal("the switch of a store from local to Redis is left out: there is no redis-server on the PATH", Assert.Single(log.Last(9)).Text);
    }

    [Fact]
    public async Task A_version_of_somebody_else_is_not_taken_for_the_samples()
    {
        await using var platform = await FakePlatform.Start();
        using var api = new FuryApi(platform.Address, null);
        await api.Put(
            "api/v1/applications/hello/versions/1.1.0",
            new { Artifact = new { Path = "/", Command = "x" }, Environment = new { Mine = "1" } },
            null,
            CancellationToken.None);

        var failure = await Assert.ThrowsAsync<CommandFailure>(() => Play(platform));

        Assert.Equal("There is a version 1.1.0 of hello that is not the quickstart's.", failure.Message);
    }

    [Fact]
    public void The_picture_in_a_terminal_shows_what_happened_and_requests_by_version()
    {
        var tally = new LoadTally();
        for (var second = 0; second < 3; second++)
        {
            tally.Add(new LoadAnswer(200, "1.0.0", false, null), Given.Time, Given.Time.AddSeconds(1), TimeSpan.FromSeconds(1));
        }

        tally.Add(new LoadAnswer(500, "1.2.0", false, "500"), Given.Time.AddSeconds(1), Given.Time.AddSeconds(2), TimeSpan.FromSeconds(1));
        var log = new StoryLog(TimeProvider.System);
        log.Add("news with [brackets] and a bell\a", DeploymentPhase.Judging);
        var screen = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(screen) });

        console.Write(LiveStory.Picture(log, tally.Report(Given.Time, Given.Time.AddSeconds(2))));

        Assert.Contains("news with [brackets] and a bell\uFFFD", screen.ToString());
        Assert.Contains("    1.0.0  ████████████████████████████████████████ 3\n    1.2.0  █████████████ 1\n", screen.ToString());
        Assert.Contains("4 requests, 0 failed", screen.ToString());
    }

    private static async Task<StoryEnd> Play(FakePlatform platform)
    {
        using var api = new FuryApi(platform.Address, null);
        var clock = TimeProvider.System;
        var story = new Story(api, new Sample(api, Folder), 100, null, null, new StoryLog(clock), clock) { Pause = TimeSpan.FromMilliseconds(300) };
        return await story.Run(CancellationToken.None);
    }
}
