using Fury.Cli.CommandLine;

namespace Fury.Cli.Tests;

/// <summary>The judge, as people ask it.</summary>
public sealed class JudgeTests : IDisposable
{
    private const string Id = "01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d";

    private const string Fail = """
        {"tick":31,"at":"2026-01-01T00:00:31Z","verdict":"fail","cause":"worse","sentence":"errors: 25 of 100 requests (25 %).",
         "facts":{"verdict":"fail","errors.candidate":"25/100"}}
        """;

    private readonly string _policy = Path.GetTempFileName();

    public void Dispose() => File.Delete(_policy);

    [Fact]
    public async Task The_judge_says_what_it_says_now_with_the_numbers()
    {
        await using var api = await FakeApi.Start();
        api.Answers("GET", $"/api/v1/deployments/{Id}/judgement", Fail);

        var shown = await InProcess.Run(api, "judge", "show", Id);

        Assert.Equal(
            "fail (worse) after tick 31 at 2026-01-01 00:00:31Z. errors: 25 of 100 requests (25 %).\n\nerrors.candidate  25/100\n", shown.Out);
    }

    [Fact]
    public async Task A_replay_says_when_the_verdict_changed_and_whether_it_is_the_same()
    {
        await using var api = await FakeApi.Start();
        api.Answers("POST", $"/api/v1/deployments/{Id}/judgement/replay", $$"""
            {"deployment":"{{Id}}","ticks":40,"from":"2026-01-01T00:00:01Z","to":"2026-01-01T00:00:40Z","changes":1,"history":[{{Fail}}],"compared":2,
             "identical":false,"differences":[{"event":7,"tick":31,"fact":"verdict","recorded":"insufficient","replayed":"fail"}]}
            """);
        await File.WriteAllTextAsync(_policy, """{"toleratedRatio":1.1,"minRequests":5}""");

        var replay = await InProcess.Run(api, "judge", "replay", Id, "--policy", _policy, "--set", "minRequests=50");

        Assert.Equal("""{"toleratedRatio":1.1,"minRequests":50}""", api.Requests.Single().Body);
        Assert.Contains("31    2026-01-01 00:00:31Z  fail     worse  errors: 25 of 100 requests (25 %).", replay.Out, StringComparison.Ordinal);
        Assert.Contains("40 ticks, 2026-01-01 00:00:01Z to 2026-01-01 00:00:40Z; the verdict changed 1 times.", replay.Out, StringComparison.Ordinal);
        Assert.Contains("  event 7, tick 31: verdict was 'insufficient', is 'fail'.", replay.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_judges_false_alarms_are_told_in_one_sentence_and_each_of_the_last()
    {
        await using var api = await FakeApi.Start();
        api.Answers("GET", "/api/v1/judge/calibration", $$"""
            {"nights":30,"splits":40,"failed":2,"rate":0.05,"promised":0.001,"isAlarming":true,"sentence":"The judge failed 2 of 40.",
             "lastFailed":[{"deployment":"{{Id}}","night":"2026-03-02","seed":7,"sentence":"errors: 9 of 100 requests."}]}
            """);

        var told = await InProcess.Run(api, "judge", "calibration");

        Assert.Equal($"WARNING: The judge failed 2 of 40.\n  2026-03-02  deployment {Id}, seed 7: errors: 9 of 100 requests.\n", told.Out);
    }

    [Fact]
    public async Task A_key_that_is_not_known_is_named_with_those_that_are_and_the_host_is_not_asked()
    {
        await using var api = await FakeApi.Start();
        await File.WriteAllTextAsync(_policy, """{"toleratedRation":1.1}""");

        var file = await InProcess.Run(api, "judge", "replay", Id, "--policy", _policy);
        var option = await InProcess.Run(api, "judge", "replay", Id, "--set", "toleratedRatio");

        Assert.Equal((ExitCode.Usage, ExitCode.Usage), (file.ExitCode, option.ExitCode));
        Assert.Contains("judge.toleratedRation must be left out", file.Error, StringComparison.Ordinal);
        Assert.Contains("falseAlarm, falseAlarmOfValues, falsePass, toleratedRatio,", file.Error, StringComparison.Ordinal);
        Assert.Contains("--set must be FIELD=NUMBER, such as toleratedRatio=1.5, not 'toleratedRatio'.", option.Error, StringComparison.Ordinal);
        Assert.Empty(api.Requests);
    }
}
