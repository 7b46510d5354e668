using System.Collections.Concurrent;
using System.Net;
using Dapper;
using Fury.Deployments.Webhooks;
using Fury.Kernel;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fury.Deployments.Tests.Webhooks;

/// <summary>Subscriptions over HTTP, and a deployment that is told of from its beginning to its end.</summary>
public sealed class WebhooksTests(House house) : OverHttp(house)
{
    [Fact]
    public async Task A_deployment_is_told_of_event_by_event_signed_and_as_one_thread()
    {
        await using var receiver = await Receiver.Start();
        await Http.Put("webhooks/chat", Wish(receiver.Url) with { Applications = ["told"] });
        var scope = House.Catalog.AddScope("told/test-web");
        var deployment = await House.Deploy(scope, "1.0.0");

        await Eventually.True(() => receiver.All.Any(one => one.Body.GetProperty("phase").GetString() == "done"));

        var history = await House.History(deployment.Id);
        Assert.Equal(history.Select(one => one.Number), receiver.All.Select(one => one.Number));
        Assert.Equal(history.Select(one => one.Message), receiver.All.Select(one => one.Body.GetProperty("message").GetString()));
        Assert.Equal(0, receiver.Forged);
        var first = receiver.All.First();
        Assert.Equal("application/json", first.Type);
        Assert.Equal(
            $$"""
            {"id":"{{first.Delivery}}","deployment":"{{deployment.Id}}","thread":"{{deployment.Id}}","application":"told","scope":"test-web",
             "version":"1.0.0","strategy":"all-in","number":1,"at":"{{first.Body.GetProperty("at").GetString()}}","phase":"admitted",
             "message":"Admitted: 1.0.0 by all-in.","facts":{"release":"{{deployment.To}}","version":"1.0.0"},
             "link":"https://fury.example.com/api/v1/deployments/{{deployment.Id}}"}
            """.ReplaceLineEndings("").Replace("\n", "").Replace(",  \"", ",\"").Replace(", \"", ",\""),
            first.Body.GetRawText());
    }

    [Fact]
    public async Task A_webhook_is_made_changed_listed_and_forgotten_and_its_secret_is_never_shown()
    {
        await using var receiver = await Receiver.Start();
        var made = await Http.Put("webhooks/ops", Wish(receiver.Url) with { Teams = ["team-ops"], Scopes = ["production-*"], Phases = ["rolled-back"] });
        var changed = await Http.Put("webhooks/ops", Wish(receiver.Url, secret: null) with { Applications = ["kept"] });
        var found = await Http.Get("webhooks/ops");
        var list = await Http.Get("webhooks?after=opr&limit=1");
        var deliveries = await Http.Get("webhooks/ops/deliveries?state=pending");
        await House.Deploy(House.Catalog.AddScope("kept/test-web"), "1.0.0");

        // The secret that was left out is the old one: the receiver has checked it.
        await Eventually.True(() => !receiver.All.IsEmpty);
        var removed = await Http.Send(HttpMethod.Delete, "webhooks/ops");
        var twice = await Http.Send(HttpMethod.Delete, "webhooks/ops");

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (made.Status, changed.Status));
        Assert.Equal(["production-*"], made.Read<Webhook>().Scopes);
        Assert.Equal(changed.Text, found.Text);
        Assert.Equal("ops", Assert.Single(list.Read<Page<Webhook>>().Items).Name);
        Assert.All(
            new[] { made, changed, found, list, deliveries }, answer => Assert.DoesNotContain("secret", answer.Text, StringComparison.OrdinalIgnoreCase));
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NoContent), (removed.Status, twice.Status));
        Assert.Equal(HttpStatusCode.NotFound, (await Http.Get("webhooks/ops")).Status);
    }

    [Fact]
    public async Task Every_bad_field_of_a_webhook_is_named_and_a_bad_secret_is_not_repeated()
    {
        var bad = await Http.Put("webhooks/bad", new WebhookRequest("ftp://x", "hunter2", ["\n"], ["A"], ["Web"], ["dancing"]));
        string[] urls =
        [
            "http://user:password@example.com/", "http://example.com/#part", "/only/a/path", $"http://example.com/{new string('x', 500)}",
        ];

        Api.AssertRefused(bad, HttpStatusCode.BadRequest, "url", "secret", "(7 characters)", "teams[0]", "applications[0]", "scopes[0]", "phases[0]");
        Assert.DoesNotContain("hunter2", bad.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("1234567890123456", (await Http.Put("webhooks/bad", """{"secret":1234567890123456}""")).Text, StringComparison.Ordinal);
        foreach (var url in urls)
        {
            var refused = await Http.Put("webhooks/bad", Wish(url));
            Api.AssertRefused(refused, HttpStatusCode.BadRequest, "\"url\"");
            Assert.DoesNotContain("user:password", refused.Text, StringComparison.Ordinal);
        }

        Api.AssertRefused(await Http.Put("webhooks/bad", Wish("http://10.1.2.3/")), HttpStatusCode.BadRequest, "private or reserved");
        Api.AssertRefused(await Http.Put("webhooks/bad", Wish("http://example.com/", secret: null)), HttpStatusCode.BadRequest, "secret");
        Api.AssertRefused(await Http.Get("webhooks?limit=0"), HttpStatusCode.BadRequest, "limit");
        Api.AssertRefused(await Http.Get("webhooks/none/deliveries"), HttpStatusCode.NotFound, "none");
        Api.AssertRefused(await Http.Get("webhooks/none/deliveries?state=lost"), HttpStatusCode.BadRequest, "dead");
    }

    [Fact]
    public async Task Nothing_that_is_logged_holds_the_secret()
    {
        var log = new Lines();
        await using var receiver = await Receiver.Start();
        receiver.Answer = (_, _) => Task.FromResult(500);
        await using var mail = new Mail(House, services => services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log)));
        await mail.Subscribe("quiet", receiver.Url, "quiet");
        await mail.Tell(House, "quiet", 1);
        await mail.Until(
            async () =>
            {
                mail.Clock.Advance(TimeSpan.FromHours(25));
                return (await mail.List("quiet", DeliveryState.Dead)).Count > 0;
            },
            "an event is given up");

        // It is said once it is on record.
        await Eventually.True(() => log.All.Any(line => line.Contains("quiet", StringComparison.Ordinal)));
        Assert.DoesNotContain(log.All, line => line.Contains(Receiver.Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_delivered_is_forgotten_after_a_day_and_of_the_dead_the_oldest()
    {
        await using var mail = new Mail(House);
        await mail.Subscribe("old", "http://127.0.0.1:9/", "old");
        await using var connection = await House.Database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync("""
            insert into deployments.delivery (webhook, deployment, number, state, due_at, since, ended_at)
            select 'old', gen_random_uuid(), 1, 'dead', now(), now(), now() from generate_series(1, 1003);
            insert into deployments.delivery (webhook, deployment, number, state, due_at, since, ended_at)
            select 'old', gen_random_uuid(), 1, 'delivered', now(), now(), now() - hours * interval '1 hour' from unnest(array[1, 23, 25, 99]) as hours
            """);
        var before = await mail.List("old", DeliveryState.Dead);

        await House.Get<DeliveryList>().Pass(0, default);

        var after = await House.Get<DeliveryList>().List("old", DeliveryState.Dead, null, 2000, default);
        Assert.Equal((DeliveryList.DeadMax, before[0].Id), (after.Count, after[0].Id));
        Assert.Equal(2, (await mail.List("old", DeliveryState.Delivered)).Count);
    }

    private static WebhookRequest Wish(string url, string? secret = Receiver.Secret) => new(url, secret);

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> All { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
