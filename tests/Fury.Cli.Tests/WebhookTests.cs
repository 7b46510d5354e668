using Fury.Cli.CommandLine;

namespace Fury.Cli.Tests;

/// <summary>Webhooks, as people ask for them and read of them.</summary>
public sealed class WebhookTests : IDisposable
{
    private const string Chat = """
        {"name":"chat","url":"https://chat.example.com/7","teams":[],"applications":["shop"],"scopes":[],"phases":["done","aborted"],"enabled":true,
         "createdAt":"2026-01-01T00:00:00Z"}
        """;

    private readonly string _secret = Path.GetTempFileName();

    public void Dispose() => File.Delete(_secret);

    [Fact]
    public async Task A_webhook_is_asked_for_with_the_secret_of_a_file_which_is_not_written_anywhere()
    {
        await File.WriteAllTextAsync(_secret, "a-secret-that-nobody-sees\nanother line\n");
        await using var api = await FakeApi.Start();
        api.Answers("PUT", "/api/v1/webhooks/chat", Chat, 201);

        var add = await InProcess.Run(
            api, "webhook", "add", "chat", "--url", "https://chat.example.com/7", "--secret-file", _secret, "--application", "shop", "--phase", "done",
            "--phase", "aborted");
        var later = await InProcess.Run(api, "webhook", "add", "chat", "--url", "https://chat.example.com/7", "--disabled");
        var lost = await InProcess.Run(api, "webhook", "add", "chat", "--url", "https://chat.example.com/7", "--secret-file", $"{_secret}.no");

        Assert.Equal("Webhook chat is told of deployments.\n", add.Out);
        Assert.Equal("Webhook chat is disabled.\n", later.Out);
        Assert.Equal(ExitCode.Usage, lost.ExitCode);
        Assert.Equal(
            """
            {"url":"https://chat.example.com/7","secret":"a-secret-that-nobody-sees","teams":[],"applications":["shop"],"scopes":[],
            "phases":["done","aborted"],"enabled":true}
            """.ReplaceLineEndings(""),
            api.Requests.First().Body);
        Assert.DoesNotContain("secret", api.Requests.Last().Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Webhooks_and_what_they_could_not_be_sent_are_listed_replayed_and_forgotten()
    {
        const string Delivery = """
            {"id":4711,"deployment":"01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d","number":3,"state":"dead","attempts":16,"error":"It answered 503.",
             "since":"2026-01-01T00:00:00Z","endedAt":"2026-01-01T02:30:00Z"}
            """;
        await using var api = await FakeApi.Start();
        api.Answers("GET", "/api/v1/webhooks", $$"""{"items":[{{Chat}}],"next":null}""");
        api.Answers("GET", "/api/v1/webhooks/chat/deliveries?state=dead", $$"""{"items":[{{Delivery}}],"next":"4711"}""");
        api.Answers("POST", "/api/v1/webhooks/chat/deliveries/4711/replay", Delivery);
        api.Answers("POST", "/api/v1/webhooks/chat/replay", """{"replayed":12}""");
        api.On("DELETE", "/api/v1/webhooks/chat", context => FakeApi.Write(context, 204, ""));

        var list = await InProcess.Run(api, "webhook", "list");
        var dead = await InProcess.Run(api, "webhook", "dead", "chat");
        var one = await InProcess.Run(api, "webhook", "replay", "chat", "4711");
        var all = await InProcess.Run(api, "webhook", "replay", "chat");
        var remove = await InProcess.Run(api, "webhook", "remove", "chat");

        Assert.Contains("chat     https://chat.example.com/7  -      shop          -       done, aborted  yes", list.Out, StringComparison.Ordinal);
        Assert.Contains(
            "4711      01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d  3      16        2026-01-01 02:30:00Z  It answered 503.", dead.Out, StringComparison.Ordinal);
        Assert.Contains("There are more: --after 4711", dead.Out, StringComparison.Ordinal);
        Assert.Equal("1 delivery is sent again.\n", one.Out);
        Assert.Equal("12 deliveries are sent again.\n", all.Out);
        Assert.Equal("Webhook chat is forgotten.\n", remove.Out);
    }

    [Fact]
    public async Task A_test_message_is_sent_and_told_apart_from_events_where_it_was_given_up()
    {
        const string Queued = """
            {"id":4712,"number":1,"state":"pending","attempts":0,"since":"2026-01-01T00:00:00Z","askedBy":"ann"}
            """;
        const string Dead = """
            {"id":4712,"number":1,"state":"dead","attempts":16,"error":"It answered 401.","since":"2026-01-01T00:00:00Z",
             "endedAt":"2026-01-01T02:30:00Z","askedBy":"ann"}
            """;
        await using var api = await FakeApi.Start();
        api.Answers("POST", "/api/v1/webhooks/chat/test", Queued, 202);
        api.Answers("POST", "/api/v1/webhooks/busy/test", """{"status":409,"title":"A test message waits for webhook busy already."}""", 409);
        api.Answers("GET", "/api/v1/webhooks/chat/deliveries?state=dead", $$"""{"items":[{{Dead}}],"next":null}""");

        var sent = await InProcess.Run(api, "webhook", "test", "chat");
        var json = await InProcess.Run(api, "webhook", "test", "chat", "-o", "json");
        var refused = await InProcess.Run(api, "webhook", "test", "busy");
        var dead = await InProcess.Run(api, "webhook", "dead", "chat");

        Assert.Equal((ExitCode.Ok, "A test message for webhook chat is on its way, delivery 4712.\n"), (sent.ExitCode, sent.Out));
        Assert.Equal(Queued + "\n", json.Out);
        Assert.Equal((ExitCode.Failed, ""), (refused.ExitCode, refused.Out));
        Assert.Contains("waits for webhook busy already", refused.Error, StringComparison.Ordinal);
        Assert.Contains("4712      test by ann  1      16        2026-01-01 02:30:00Z  It answered 401.", dead.Out, StringComparison.Ordinal);
    }
}
