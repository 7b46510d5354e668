using Fury.Cli.CommandLine;

namespace Fury.Cli.Tests;

/// <summary>What a person reads of sagas, and what is sent when one is put right.</summary>
public sealed class SagaTests
{
    public const string Page = """
        {"items":[
          {"id":"4712","name":"test.pay","version":1,"key":"shop","state":"stuck","step":"pay","attempt":1,
           "error":"Nobody knows whether step 'pay' was done. The bank does not answer, and it will not before tomorrow.",
           "startedAt":"2026-11-21T10:00:00+00:00"},
          {"id":"4711","name":"test.launch","version":1,"key":"hello","state":"completed","step":"publish","attempt":1,
           "startedAt":"2026-11-21T09:00:00+00:00","endedAt":"2026-11-21T09:00:01+00:00"},
          {"id":"4710","name":"test.launch","version":1,"key":"hello","state":"completed","step":"publish","attempt":1,
           "startedAt":"2026-11-21T08:00:00+00:00","endedAt":"2026-11-21T09:00:01+00:00"}],"next":"4710"}
        """;

    private const string Saga = """
        {"id":"4712","name":"test.pay","version":1,"key":"shop","state":"stuck","undoing":true,"step":"reserve","attempt":5,
         "fault":{"kind":"conflict","message":"Step 'reserve' could not be undone."},"startedAt":"2026-11-21T10:00:00+00:00",
         "deadline":"2026-11-21T10:05:00+00:00","results":{},"revision":9,"isFinal":false}
        """;

    private const string Timeline = $$"""
        {"saga":{{Saga}},"entries":[
          {"seq":1,"at":"2026-11-21T10:00:00+00:00","host":3,"kind":"started","step":"reserve","attempt":1},
          {"seq":2,"at":"2026-11-21T10:00:01+00:00","host":3,"kind":"step-done","step":"reserve","attempt":1,"began":"2026-11-21T10:00:00+00:00",
           "tookMs":12.5,"data":"R-1"},
          {"seq":3,"at":"2026-11-21T10:00:02+00:00","host":3,"kind":"cancel-requested","step":"pay","attempt":1,"data":{"by":"ann","reason":"wrong shop"} },
          {"at":"2026-11-21T10:00:03+00:00","host":4,"kind":"attempt-failed","step":"reserve","attempt":1,"tookMs":1000.25,
           "data":{"kind":"forbidden","message":"The bank\nrefuses.","detail":"…"} }],"truncated":true}
        """;

    [Fact]
    public async Task A_list_is_a_table_with_the_reason_cut_to_a_glance()
    {
        await using var api = await FakeApi.Start();
        api.Answers("GET", "/api/v1/sagas", Page);

        var table = await InProcess.Run(api, "saga", "list");
        var json = await InProcess.Run(api, "saga", "list", "-o", "json");

        Assert.Equal(
            """
            SAGA  NAME         KEY    STATE      STEP     STARTED               ERROR
            4712  test.pay     shop   stuck      pay      2026-11-21 10:00:00Z  Nobody knows whether step 'pay' was done. The bank does not answer, and …
            4711  test.launch  hello  completed  publish  2026-11-21 09:00:00Z  -
            4710  test.launch  hello  completed  publish  2026-11-21 08:00:00Z  -
            There are more: --after 4710

            """,
            table.Out);
        Assert.Equal((ExitCode.Ok, Page + Environment.NewLine), (json.ExitCode, json.Out));
    }

    [Theory]
    [InlineData("--dead", "?state=stuck&state=parked")]
    [InlineData("--state waiting --state retrying", "?state=waiting&state=retrying")]
    [InlineData(
        "--dead --state stuck --name test.pay --key a/b&c --limit 7 --after 4711",
        "?state=stuck&state=parked&key=a%2Fb%26c&name=test.pay&after=4711&limit=7")]
    public async Task What_is_asked_for_is_asked_of_the_host(string options, string query)
    {
        await using var api = await FakeApi.Start();
        await InProcess.Run(api, ["saga", "list", .. options.Split(' ')]);
        Assert.Equal($"/api/v1/sagas{query}", Assert.Single(api.Requests).Path);
    }

    [Fact]
    public async Task An_age_is_sent_as_a_time()
    {
        await using var api = await FakeApi.Start();
        var before = TimeProvider.System.GetUtcNow().AddMinutes(-10).AddMilliseconds(-1);
        await InProcess.Run(api, "saga", "list", "--older-than", "10m");

        var sent = DateTimeOffset.Parse(Uri.UnescapeDataString(Assert.Single(api.Requests).Path.Split("startedBefore=")[1]));
        Assert.InRange(sent, before, TimeProvider.System.GetUtcNow().AddMinutes(-10));
    }

    [Fact]
    public async Task A_page_that_found_nothing_yet_says_where_to_go_on_and_the_last_one_that_there_is_nothing()
    {
        await using var api = await FakeApi.Start();
        api.Answers("GET", "/api/v1/sagas?state=retrying", """{"items":[],"next":"99"}""")
            .Answers("GET", "/api/v1/sagas?state=retrying&after=99", """{"items":[]}""");

        Assert.Equal("There are more: --after 99\n", (await InProcess.Run(api, "saga", "list", "--state", "retrying")).Out);
        Assert.Equal("No such sagas.\n", (await InProcess.Run(api, "saga", "list", "--state", "retrying", "--after", "99")).Out);
    }

    [Fact]
    public async Task A_saga_is_shown_with_each_line_of_its_journal()
    {
        await using var api = await FakeApi.Start();
        api.Answers("GET", "/api/v1/sagas/4712/timeline", Timeline);

        var shown = await InProcess.Run(api, "saga", "show", "4712");
        var json = await InProcess.Run(api, "saga", "show", "4712", "-o", "json");

        Assert.Equal(
            """
            saga         4712
            name         test.pay version 1
            key          shop
            state        stuck while undoing
            step         reserve
            error        Step 'reserve' could not be undone.
            waiting for  -
            parent       -
            started      2026-11-21 10:00:00Z
            ended        -
            deadline     2026-11-21 10:05:00Z
            revision     9

            LINE  AT                    HOST  WHAT              STEP     ATTEMPT  TOOK        DATA
            1     2026-11-21 10:00:00Z  3     started           reserve  1        -           -
            2     2026-11-21 10:00:01Z  3     step-done         reserve  1        12.5 ms     "R-1"
            3     2026-11-21 10:00:02Z  3     cancel-requested  pay      1        -           ann: wrong shop
            -     2026-11-21 10:00:03Z  4     attempt-failed    reserve  1        1000.25 ms  The bank�refuses.
            There is more than is shown.

            """,
            shown.Out);
        Assert.Equal(Timeline + Environment.NewLine, json.Out);
    }

    [Theory]
    [InlineData("retry 4712 --reason mended", "retry", """{"reason":"mended","revision":9}""")]
    [InlineData("cancel 4712 --reason mended", "cancel", """{"reason":"mended","revision":9}""")]
    [InlineData("skip 4712 --reason mended", "skip", """{"reason":"mended","revision":9}""")]
    [InlineData("skip 4712 --reason mended --result {\"number\":7}", "skip", """{"reason":"mended","revision":9,"result":{"number":7}}""")]
    public async Task An_order_is_for_the_saga_as_it_was_seen(string command, string route, string body)
    {
        await using var api = await FakeApi.Start();
        api.Answers("GET", "/api/v1/sagas/4712", Saga).Answers("POST", $"/api/v1/sagas/4712/{route}", Saga, 202);

        var ended = await InProcess.Run(api, ["saga", .. command.Split(' ')]);
        var json = await InProcess.Run(api, ["saga", .. command.Split(' '), "-o", "json"]);

        Assert.Equal((ExitCode.Ok, ""), (ended.ExitCode, ended.Error));
        Assert.Equal(
            """
            saga     4712
            name     test.pay
            key      shop
            was      stuck
            at step  reserve
            Ordered. What comes of it: fury saga show 4712

            """,
            ended.Out);
        Assert.Equal(body, api.Requests.Last().Body);
        Assert.Equal(Saga + Environment.NewLine, json.Out);
    }

    [Fact]
    public async Task A_saga_that_has_moved_on_is_exit_code_1_with_the_hosts_words()
    {
        await using var api = await FakeApi.Start();
        api.Answers("GET", "/api/v1/sagas/4712", Saga).Answers(
            "POST", "/api/v1/sagas/4712/retry", """{"title":"Saga 4712 has moved on.","status":412,"kind":"stale","revision":"10"}""", 412);

        var ended = await InProcess.Run(api, "saga", "retry", "4712", "--reason", "mended");

        Assert.Equal((ExitCode.Failed, "", "fury: Saga 4712 has moved on.\n  revision: 10\n"), (ended.ExitCode, ended.Out, ended.Error));
    }
}
