using Fury.Cli.CommandLine;

namespace Fury.Cli.Tests;

/// <summary>Freezes, vetoes, pins and approvals, as people ask for them and read of them.</summary>
public sealed class RulesTests
{
    private const string Id = "01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d";

    private const string Weekend = """
        {"name":"weekend","kind":"deny","covers":{"teams":[],"applications":[],"scopes":["production-*"],"criticalities":["high","critical"],
         "providers":[],"regions":[]},"recurs":{"cron":"0 18 * * 5","timeZone":"Europe/Madrid","minutes":3720},"inFlight":"hold",
         "reason":"nobody is there","by":"ann","createdAt":"2026-01-01T00:00:00Z","isNow":true,"until":"2026-01-05T07:00:00Z"}
        """;

    [Fact]
    public async Task A_freeze_is_asked_for_with_what_was_said()
    {
        await using var api = await FakeApi.Start();
        api.Answers("PUT", "/api/v1/freezes/weekend", Weekend, 201);
        api.Answers("POST", "/api/v1/freezes/weekend/remove", Weekend);

        var add = await InProcess.Run(
            api, "freeze", "add", "weekend", "--cron", "0 18 * * 5", "--lasts", "62h", "--time-zone", "Europe/Madrid", "--scope", "production-*",
            "--criticality", "high", "--criticality", "critical", "--in-flight", "hold", "--reason", "nobody is there", "--by", "ann");
        var remove = await InProcess.Run(api, "freeze", "remove", "weekend", "--reason", "over", "--by", "bob");

        Assert.Equal("Freeze weekend holds now, until 2026-01-05 07:00:00Z.\n", add.Out);
        Assert.Equal("Freeze weekend is removed.\n", remove.Out);
        Assert.Equal(
            """
            {"covers":{"teams":[],"applications":[],"scopes":["production-*"],"criticalities":["high","critical"],"providers":[],"regions":[]},
            "recurs":{"cron":"0 18 * * 5","timeZone":"Europe/Madrid","minutes":3720},"inFlight":"hold","reason":"nobody is there","by":"ann"}
            """.ReplaceLineEndings(""),
            api.Requests.First().Body);
        Assert.Equal("""{"reason":"over","by":"bob"}""", api.Requests.Last().Body);
    }

    [Fact]
    public async Task Freezes_are_listed_with_their_times()
    {
        await using var api = await FakeApi.Start();
        api.Answers("GET", "/api/v1/freezes", $$"""{"items":[{{Weekend}}],"next":null}""");

        var list = await InProcess.Run(api, "freeze", "list");

        Assert.Contains(
            "weekend  deny  production-*; high, critical  0 18 * * 5 Europe/Madrid for 3720 m  yes  2026-01-05 07:00:00Z  hold       ann  nobody is there",
            list.Out,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_time_lacks_is_told_before_the_host_is_asked()
    {
        await using var api = await FakeApi.Start();

        var lasts = await InProcess.Run(api, "freeze", "add", "weekend", "--cron", "0 18 * * 5", "--lasts", "90s", "--reason", "x");
        var span = await InProcess.Run(api, "freeze", "override", "weekend", "-a", "shop", "--reason", "x");
        var reason = await InProcess.Run(api, "freeze", "add", "weekend");

        Assert.All([lasts, span, reason], one => Assert.Equal(ExitCode.Usage, one.ExitCode));
        Assert.Contains("whole number of minutes", lasts.Error, StringComparison.Ordinal);
        Assert.Contains("--for 2h", span.Error, StringComparison.Ordinal);
        Assert.Empty(api.Requests);
    }

    [Fact]
    public async Task One_person_asks_for_an_override_and_another_one_confirms_it()
    {
        await using var api = await FakeApi.Start();
        api.Answers("POST", "/api/v1/freezes/weekend/overrides", Override(null), 201);
        api.Answers("POST", $"/api/v1/freezes/weekend/overrides/{Id}/confirm", Override("\"bob\""));
        api.Answers("GET", "/api/v1/freezes/weekend/overrides", $$"""{"items":[{{Override(null)}}],"next":null}""");

        var ask = await InProcess.Run(
            api, "freeze", "override", "weekend", "-a", "shop", "-s", "production-web", "--for", "2h", "--reason", "orders fail", "--by", "ann");
        var confirm = await InProcess.Run(api, "freeze", "override", "weekend", "--confirm", Id, "--by", "bob");
        var list = await InProcess.Run(api, "freeze", "overrides", "weekend");

        Assert.Equal($"Another person must confirm it: fury freeze override weekend --confirm {Id}\n", ask.Out);
        Assert.Equal("Freeze weekend does not hold for shop/production-web until 2026-01-03 12:00:00Z.\n", confirm.Out);
        Assert.Contains("shop/production-web  2026-01-03 12:00:00Z  ann       -             orders fail", list.Out, StringComparison.Ordinal);
        Assert.Contains("\"application\":\"shop\",\"scope\":\"production-web\",\"until\":\"20", api.Requests.First().Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_is_vetoed_and_a_scope_pinned_until_it_is_lifted()
    {
        const string Veto = """{"application":"shop","version":"1.4.0+b","reason":"leaks","by":"ann","at":"2026-01-01T00:00:00Z"}""";
        const string Pin = """{"scope":{"application":"shop","scope":"test-web"},"reason":"audit","by":"ann","at":"2026-01-01T00:00:00Z"}""";
        await using var api = await FakeApi.Start();
        api.Answers("PUT", "/api/v1/applications/shop/vetoes/1.4.0+b", Veto, 201);
        api.Answers("POST", "/api/v1/applications/shop/vetoes/1.4.0+b/lift", Veto);
        api.Answers("GET", "/api/v1/applications/shop/vetoes", $$"""{"items":[{{Veto}}],"next":null}""");
        api.Answers("PUT", "/api/v1/applications/shop/scopes/test-web/pin", Pin, 201);
        api.Answers("POST", "/api/v1/applications/shop/scopes/test-web/pin/lift", Pin);
        api.Answers("GET", "/api/v1/pins", $$"""{"items":[{{Pin}}],"next":null}""");

        var said = new[]
        {
            await InProcess.Run(api, "veto", "add", "1.4.0+b", "-a", "shop", "--reason", "leaks", "--by", "ann"),
            await InProcess.Run(api, "veto", "list", "-a", "shop"),
            await InProcess.Run(api, "veto", "lift", "1.4.0+b", "-a", "shop", "--reason", "fixed", "--by", "ann"),
            await InProcess.Run(api, "pin", "set", "-a", "shop", "-s", "test-web", "--reason", "audit", "--by", "ann"),
            await InProcess.Run(api, "pin", "list"),
            await InProcess.Run(api, "pin", "lift", "-a", "shop", "-s", "test-web", "--reason", "over", "--by", "ann"),
        };

        Assert.All(said, one => Assert.Equal(ExitCode.Ok, one.ExitCode));
        string[] parts =
        [
            "Version 1.4.0+b of shop is vetoed.", "1.4.0+b  ann  2026-01-01 00:00:00Z  leaks", "may run again.", "Scope shop/test-web is pinned",
            "shop/test-web  ann  2026-01-01 00:00:00Z  audit", "is deployed to again.",
        ];
        Assert.All(parts.Zip(said), pair => Assert.Contains(pair.First, pair.Second.Out, StringComparison.Ordinal));
        Assert.All(api.Requests.Where(one => one.Method != "GET"), one => Assert.Contains("\"by\":\"ann\"", one.Body, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_deployment_is_approved_or_rejected_by_its_id()
    {
        await using var api = await FakeApi.Start();
        api.Answers("POST", $"/api/v1/deployments/{Id}/approve", Approvals(null));
        api.Answers("POST", $"/api/v1/deployments/{Id}/reject", Approvals("\"bob: no\""));

        var approve = await InProcess.Run(api, "approve", Id, "--by", "bob", "--comment", "seen");
        var reject = await InProcess.Run(api, "reject", Id, "--by", "bob", "--comment", "no");
        var wrong = await InProcess.Run(api, "approve", "the-last-one");

        Assert.Equal("to begin     1 of 2 approvals\nto finalise  0 of 0 approvals\n", approve.Out);
        Assert.Equal("to begin     rejected by bob: no\nto finalise  0 of 0 approvals\n", reject.Out);
        Assert.Equal(ExitCode.Usage, wrong.ExitCode);
        Assert.Equal("""{"by":"bob","comment":"seen"}""", api.Requests.First().Body);
    }

    [Fact]
    public async Task Who_says_so_is_known_without_being_said()
    {
        await using var api = await FakeApi.Start();
        api.Answers("POST", $"/api/v1/deployments/{Id}/approve", Approvals(null));

        await InProcess.Run(api, "approve", Id);

        var user = Environment.GetEnvironmentVariable("FURY_USER") ?? Environment.UserName;
        Assert.Contains($"\"by\":\"{user}\"", api.Requests.Single().Body, StringComparison.Ordinal);
    }

    private static string Override(string? confirmedBy) => $$"""
        {"id":"{{Id}}","freeze":"{{Id}}","application":"shop","scope":"production-web","until":"2026-01-03T12:00:00Z","reason":"orders fail",
         "askedBy":"ann","askedAt":"2026-01-03T10:00:00Z","confirmedBy":{{confirmedBy ?? "null"}},"confirmedAt":null}
        """;

    private static string Approvals(string? rejectedBy) => $$"""
        {"toBegin":{"needed":2,"given":1,"rejectedBy":{{rejectedBy ?? "null"}}},"toFinalise":{"needed":0,"given":0},"said":[]}
        """;
}
