using Fury.Cli.CommandLine;

namespace Fury.Cli.Tests;

/// <summary>Campaigns, as people ask for them and read of them.</summary>
public sealed class CampaignTests : IDisposable
{
    private const string Id = "01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d";

    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task A_campaign_is_started_from_a_file_and_says_who_started_it()
    {
        await using var api = await FakeApi.Start();
        api.Answers("POST", "/api/v1/campaigns", Campaign("running", "Wave 1 of 2."), 201);
        await File.WriteAllTextAsync(_file, """{"name":"base-image","strategy":"safe","targets":[{"scope":"shop/test-web"}]}""");
        var start = await InProcess.Run(api, "campaign", "start", "--file", _file, "--by", "ann");
        await File.WriteAllTextAsync(_file, "[1]");
        var broken = await InProcess.Run(api, "campaign", "start", "--file", _file);

        Assert.Equal($"Campaign base-image ({Id}) is running. Wave 1 of 2.\n", start.Out);
        Assert.Equal("""{"name":"base-image","strategy":"safe","targets":[{"scope":"shop/test-web"}],"by":"ann"}""", Assert.Single(api.Requests).Body);
        Assert.Equal(ExitCode.Usage, broken.ExitCode);
    }

    [Fact]
    public async Task Campaigns_are_listed_shown_stopped_resumed_and_aborted()
    {
        await using var api = await FakeApi.Start();
        api.Answers("GET", "/api/v1/campaigns", $$"""{"items":[{{Campaign("stopped", "3 services have failed.")}}],"next":null}""");
        api.Answers("GET", $"/api/v1/campaigns/{Id}", Campaign("stopped", "3 services have failed."));
        api.Answers("POST", $"/api/v1/campaigns/{Id}/stop", Campaign("stopped", "Stopped by ann: x"));
        api.Answers("POST", $"/api/v1/campaigns/{Id}/resume", Campaign("running", "Resumed by ann: x"));
        api.Answers("POST", $"/api/v1/campaigns/{Id}/abort", Campaign("aborted", "Aborted by ann: x"));

        var list = await InProcess.Run(api, "campaign", "list");
        var show = await InProcess.Run(api, "campaign", "show", Id);
        var stop = await InProcess.Run(api, "campaign", "stop", Id, "--reason", "x", "--by", "ann");
        var resume = await InProcess.Run(api, "campaign", "resume", Id, "--reason", "x", "--by", "ann");
        var abort = await InProcess.Run(api, "campaign", "abort", Id, "--reason", "x", "--by", "ann");

        Assert.Contains($"{Id}  base-image  stopped  1 of 2  1        2        3     4       5        2026-01-01", list.Out, StringComparison.Ordinal);
        Assert.Contains("3 services have failed.", show.Out, StringComparison.Ordinal);
        Assert.Contains("1     shop/test-web  1.1.0    failed  -           It was slow.", show.Out, StringComparison.Ordinal);
        Assert.Equal($"Campaign base-image ({Id}) is stopped. Stopped by ann: x\n", stop.Out);
        Assert.Equal($"Campaign base-image ({Id}) is running. Resumed by ann: x\n", resume.Out);
        Assert.Equal($"Campaign base-image ({Id}) is aborted. Aborted by ann: x\n", abort.Out);
        Assert.Equal("""{"by":"ann","reason":"x"}""", api.Requests.Last().Body);
    }

    private static string Campaign(string state, string why) => $$"""
        {"id":"{{Id}}","name":"base-image","by":"ann","strategy":"safe","state":"{{state}}","why":"{{why}}","wave":1,"waves":[1,2],"maxConcurrent":50,
         "stopAfter":3,"allowed":3,"onStop":"finish","createdAt":"2026-01-01T00:00:00Z",
         "counts":{"waiting":1,"running":2,"done":3,"failed":4,"skipped":5},
         "targets":[{"scope":"shop/test-web","version":"1.1.0","wave":1,"state":"failed","reason":"It was slow."}]}
        """;
}
