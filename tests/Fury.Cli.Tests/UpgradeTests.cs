using Fury.Cli.CommandLine;

namespace Fury.Cli.Tests;

/// <summary>Upgrades of control planes, as people ask for them and read of them.</summary>
public sealed class UpgradeTests
{
    private const string Id = "01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d";
    private const string Path = "/api/v1/upgrades";

    /// <summary>Two of one shape, one that has the version, one that does not tell its shape, and one that nothing less critical is like.</summary>
    private const string Planned = """
        {"cluster":"test-a","wave":1,"provider":"aws","region":"eu-west-1","criticality":"low","isManaged":true,"isCanary":true,"from":"1.33","shape":"aa",
         "state":"waiting"},
        {"cluster":"prod-a","wave":2,"provider":"aws","region":"eu-west-1","criticality":"high","isManaged":true,"isCanary":false,"from":"1.33","shape":"aa",
         "state":"waiting"},
        {"cluster":"prod-gpu","wave":3,"provider":"own","region":"cellar","criticality":"high","isManaged":false,"isCanary":false,"from":"1.33","shape":"bb",
         "state":"waiting"},
        {"cluster":"prod-z","wave":4,"provider":"own","region":"attic","criticality":"any","isManaged":false,"isCanary":false,"state":"waiting"},
        {"cluster":"new","wave":1,"provider":"own","region":"attic","criticality":"low","isManaged":false,"isCanary":false,"from":"1.34","shape":"cc",
         "state":"skipped","reason":"It has 1.34 already."}
        """;

    private const string Begun = """
        {"cluster":"test-a","wave":1,"provider":"aws","region":"eu-west-1","criticality":"low","isManaged":true,"isCanary":true,"from":"1.33","shape":"aa",
         "state":"done","since":"2026-01-02T00:00:00Z"},
        {"cluster":"prod-gpu","wave":2,"provider":"own","region":"cellar","criticality":"high","isManaged":false,"isCanary":false,"from":"1.33","shape":"bb",
         "state":"waiting","reason":"It waits for an approval: no cluster of its shape was upgraded before.",
         "difference":["has node taint gpu:NoSchedule","lacks admission validating policy (fail)\u001b[31m"]},
        {"cluster":"prod-z","wave":2,"provider":"own","region":"attic","criticality":"any","isManaged":false,"isCanary":false,"from":"1.33","shape":"cc",
         "state":"waiting","reason":"It waits for an approval.","difference":[],"approvedBy":"bob"}
        """;

    [Fact]
    public async Task A_plan_is_a_table_of_waves_that_says_who_will_wait_for_an_approval()
    {
        await using var api = await FakeApi.Start();
        api.Answers("POST", $"{Path}/plan", Upgrade("running", "Wave 1 of 4.", Planned, id: null));

        var plan = await InProcess.Run(api, "upgrade", "plan", "--to", "1.34", "--by", "ann");

        Assert.Equal(
            """
            to        1.34
            clusters  4, and 1 left out
            waves     4
            how       each is emptied first
            at once   2 at most, in each region one
            soak      24h
            deadline  90m
            stops at  the first failure

            WAVE  CLUSTER   CRITICALITY  REGION         FROM  HOW                   SHAPE
            1     test-a    low          aws/eu-west-1  1.33  by its provider       first of its shape
            2     prod-a    high         aws/eu-west-1  1.33  by its provider       seen before
            3     prod-gpu  high         own/cellar     1.33  by hand               nothing less critical has it
            4     prod-z    any          own/attic      -     by hand               not told
            -     new       low          own/attic      1.34  It has 1.34 already.  -
            At their turn these wait for an approval by somebody else than who starts it, unless an upgrade before has brought their shape to 1.34: prod-gpu.
            Nothing has begun: 'fury upgrade start NAME' with the same options begins it.

            """,
            plan.Out);
        Assert.Equal((ExitCode.Ok, ""), (plan.ExitCode, plan.Error));
        Assert.Equal("""{"name":"plan","by":"ann","version":"1.34"}""", Assert.Single(api.Requests).Body);
    }

    [Fact]
    public async Task A_plan_of_shapes_that_were_all_seen_before_waits_for_nobody()
    {
        await using var api = await FakeApi.Start();
        api.Answers("POST", $"{Path}/plan", Upgrade("running", "Wave 1 of 1.", Until(Planned, "prod-gpu")));

        var plan = await InProcess.Run(api, "upgrade", "plan", "--to", "1.34");

        Assert.DoesNotContain("approval", plan.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upgrade_is_started_with_what_was_given_and_nothing_else()
    {
        await using var api = await FakeApi.Start();
        api.Answers("POST", Path, Upgrade("running", "Wave 1 of 4.", Planned), 201);

        var start = await InProcess.Run(
            api, "upgrade", "start", "autumn", "--to", "1.34", "--cluster", "test-a", "--cluster", "prod-a", "--in-place", "--concurrent", "4",
            "--stop-after", "3", "--soak", "48h", "--deadline", "90m", "--by", "ann");
        var json = await InProcess.Run(api, "upgrade", "start", "autumn", "--to", "1.34", "--by", "ann", "-o", "json");

        Assert.Equal($"Upgrade autumn ({Id}) is running. Wave 1 of 4.\n", start.Out);
        Assert.Equal(
            [
                """{"name":"autumn","by":"ann","version":"1.34","clusters":["test-a","prod-a"],"emptyFirst":false,"maxConcurrent":4"""
                + ""","stopAfter":3,"soakSeconds":172800,"deadlineSeconds":5400}""",
                """{"name":"autumn","by":"ann","version":"1.34"}""",
            ],
            api.Requests.Select(request => request.Body));
        Assert.Equal(Upgrade("running", "Wave 1 of 4.", Planned) + Environment.NewLine, json.Out);
    }

    [Theory]
    [InlineData("plan", "Option '--to' is required.")]
    [InlineData("start --to 1.34", "Required argument 'NAME' missing")]
    [InlineData("start autumn --to 1.34 --soak soon", "A span such as 10s, 2m or 1h was expected, not 'soon'.")]
    [InlineData("stop " + Id, "Option '--reason' is required.")]
    [InlineData("approve " + Id + " --reason x", "Required argument 'CLUSTER' missing")]
    public async Task What_is_missing_is_exit_code_2_and_asks_nothing_of_the_host(string command, string told)
    {
        var ended = await InProcess.Run(["--host", "http://127.0.0.1:1", "upgrade", .. command.Split(' ')]);

        Assert.Equal((ExitCode.Usage, ""), (ended.ExitCode, ended.Out));
        Assert.Contains(told, ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_host_refuses_is_exit_code_1_with_each_field()
    {
        await using var api = await FakeApi.Start();
        api.Answers(
            "POST",
            $"{Path}/plan",
            """
            {"title":"The request is invalid.","status":400,"kind":"invalid",
             "errors":[{"field":"version","value":"1.35","expected":"one minor version further"}]}
            """,
            400);

        var ended = await InProcess.Run(api, "upgrade", "plan", "--to", "1.35");

        Assert.Equal((ExitCode.Failed, ""), (ended.ExitCode, ended.Out));
        Assert.Contains("version must be one minor version further, not '1.35'.", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upgrades_are_listed_and_wide_with_who_and_why()
    {
        await using var api = await FakeApi.Start();
        api.Answers("GET", Path, $$"""{"items":[{{Upgrade("stopped", "1 failed, and it stops at 1.", null)}}],"next":null}""");

        var list = await InProcess.Run(api, "upgrade", "list");
        var wide = await InProcess.Run(api, "upgrade", "list", "-o", "wide");
        api.Answers("GET", Path, """{"items":[]}""");
        var none = await InProcess.Run(api, "upgrade", "list");

        Assert.Equal(
            $"""
            UPGRADE                               NAME    TO    STATE    WAVE    WAITING  EMPTYING  UPGRADING  SOAKING  DONE  FAILED  SKIPPED  CREATED
            {Id}  autumn  1.34  stopped  2 of 4  1        2         3          4        5     6       7        2026-01-01 00:00:00Z

            """,
            list.Out);
        Assert.Contains("CREATED               BY   WHY\n", wide.Out, StringComparison.Ordinal);
        Assert.EndsWith("2026-01-01 00:00:00Z  ann  1 failed, and it stops at 1.\n", wide.Out, StringComparison.Ordinal);
        Assert.Equal("No upgrades. See what one would do: fury upgrade plan --to VERSION\n", none.Out);
    }

    [Fact]
    public async Task An_upgrade_is_shown_with_what_sets_a_cluster_apart_under_its_line()
    {
        await using var api = await FakeApi.Start();
        api.Answers("GET", $"{Path}/{Id}", Upgrade("running", "Wave 2 of 4. Of a shape that was not tried before: prod-gpu; prod-z.", Begun));

        var show = await InProcess.Run(api, "upgrade", "show", Id);
        var wide = await InProcess.Run(api, "upgrade", "show", Id, "-o", "wide");

        Assert.Equal(
            $"""
            upgrade   {Id}
            name      autumn
            by        ann
            to        1.34
            state     running
            why       Wave 2 of 4. Of a shape that was not tried before: prod-gpu; prod-z.
            wave      2 of 4
            clusters  1 waiting, 2 emptying, 3 upgrading, 4 soaking, 5 done, 6 failed, 7 skipped
            how       each is emptied first
            at once   2 at most, in each region one
            soak      24h
            deadline  90m
            stops at  the first failure
            created   2026-01-01 00:00:00Z
            ended     -

            WAVE  CLUSTER   STATE    FROM  SINCE                 REASON
            1     test-a    done     1.33  2026-01-02 00:00:00Z  -
            2     prod-gpu  waiting  1.33  -                     It waits for an approval: no cluster of its shape was upgraded before.
                  has node taint gpu:NoSchedule
                  lacks admission validating policy (fail)�[31m
            2     prod-z    waiting  1.33  -                     It waits for an approval.
                  No shape has gone well yet that it could be compared with.
            Somebody else than ann lets it have its turn: fury upgrade approve {Id} prod-gpu --reason TEXT

            """,
            show.Out);
        Assert.Contains("SINCE                 CRITICALITY  REGION         HOW              SHAPE  APPROVED BY  REASON\n", wide.Out, StringComparison.Ordinal);
        Assert.Contains("-                     any          own/attic      by hand          cc     bob          It waits", wide.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upgrade_in_place_that_stops_late_says_so()
    {
        await using var api = await FakeApi.Start();
        api.Answers("GET", $"{Path}/{Id}", Upgrade("done", "Every cluster has had its turn.", Until(Begun, "prod-gpu"))
            .Replace("\"emptyFirst\":true", "\"emptyFirst\":false", StringComparison.Ordinal)
            .Replace("\"stopAfter\":1", "\"stopAfter\":3,\"endedAt\":\"2026-01-03T00:00:00Z\"", StringComparison.Ordinal)
            .Replace("\"soakSeconds\":86400", "\"soakSeconds\":45", StringComparison.Ordinal));

        var show = await InProcess.Run(api, "upgrade", "show", Id);

        Assert.Contains("\nhow       in place\n", show.Out, StringComparison.Ordinal);
        Assert.Contains("\nsoak      45s\n", show.Out, StringComparison.Ordinal);
        Assert.Contains("\nstops at  3 failures\n", show.Out, StringComparison.Ordinal);
        Assert.Contains("\nended     2026-01-03 00:00:00Z\n", show.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("approve", show.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stop", "stopped", "Stopped by ann: x")]
    [InlineData("resume", "running", "Wave 2 of 4.")]
    [InlineData("abort", "aborted", "Aborted by ann: x")]
    public async Task An_upgrade_is_stopped_resumed_and_aborted(string command, string state, string why)
    {
        await using var api = await FakeApi.Start();
        api.Answers("POST", $"{Path}/{Id}/{command}", Upgrade(state, why, Begun));

        var ended = await InProcess.Run(api, "upgrade", command, Id, "--reason", "x", "--by", "ann");

        Assert.Equal((ExitCode.Ok, $"Upgrade autumn ({Id}) is {state}. {why}\n"), (ended.ExitCode, ended.Out));
        Assert.Equal("""{"by":"ann","reason":"x"}""", Assert.Single(api.Requests).Body);
    }

    [Fact]
    public async Task A_cluster_is_approved_or_left_out_and_the_answer_tells_of_it_alone()
    {
        await using var api = await FakeApi.Start();
        api.Answers("POST", $"{Path}/{Id}/clusters/prod-z/approve", Upgrade("running", "Wave 2 of 4.", Begun));
        api.Answers("POST", $"{Path}/{Id}/clusters/new/skip", Upgrade("running", "Wave 2 of 4.", Planned));
        api.Answers(
            "POST", $"{Path}/{Id}/clusters/prod-gpu/approve",
            """{"title":"ann has begun the upgrade: somebody else approves what nobody has tried.","status":403,"kind":"forbidden"}""", 403);

        var approved = await InProcess.Run(api, "upgrade", "approve", Id, "prod-z", "--reason", "seen", "--by", "bob");
        var skipped = await InProcess.Run(api, "upgrade", "skip", Id, "new", "--reason", "x", "--by", "bob");
        var refused = await InProcess.Run(api, "upgrade", "approve", Id, "prod-gpu", "--reason", "x", "--by", "ann");

        Assert.Equal("Cluster prod-z of upgrade autumn is waiting, approved by bob. It waits for an approval.\n", approved.Out);
        Assert.Equal("Cluster new of upgrade autumn is skipped. It has 1.34 already.\n", skipped.Out);
        Assert.Equal(
            (ExitCode.Failed, "", "fury: ann has begun the upgrade: somebody else approves what nobody has tried.\n"),
            (refused.ExitCode, refused.Out, refused.Error));
        Assert.Equal("""{"by":"bob","reason":"seen"}""", api.Requests.First().Body);
    }

    /// <summary>The clusters before this one.</summary>
    private static string Until(string clusters, string cluster) => clusters[..clusters.IndexOf($",\n{{\"cluster\":\"{cluster}\"", StringComparison.Ordinal)];

    private static string Upgrade(string state, string why, string? clusters, string? id = Id) => $$"""
        {{{(id is null ? "" : $"\"id\":\"{id}\",")}}"name":"autumn","by":"ann","version":"1.34","state":"{{state}}","why":"{{why}}","wave":2,"waves":4,
         "emptyFirst":true,"maxConcurrent":2,"stopAfter":1,"soakSeconds":86400,"deadlineSeconds":5400,"createdAt":"2026-01-01T00:00:00Z",
         "counts":{"waiting":1,"emptying":2,"upgrading":3,"soaking":4,"done":5,"failed":6,"skipped":7}
         {{(clusters is null ? "" : $",\"clusters\":[{clusters}]")}}}
        """;
}
