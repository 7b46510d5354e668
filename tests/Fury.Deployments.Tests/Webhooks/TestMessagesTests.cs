using System.Net;
using Fury.Deployments.Webhooks;
using Fury.Kernel;

namespace Fury.Deployments.Tests.Webhooks;

/// <summary>Messages that people ask for, over HTTP and to a real HTTP server.</summary>
public sealed class TestMessagesTests(House house) : IClassFixture<House>
{
    [Fact]
    public async Task It_goes_to_that_webhook_alone_whatever_it_wants_signed_and_says_who_has_asked()
    {
        await using var receiver = await Receiver.Start();
        await using var other = await Receiver.Start();
        await using var mail = new Mail(house);
        await mail.Subscribe("tried", receiver.Url, "nobody-has-this");
        await mail.Subscribe("untried", other.Url, "shop");
        await using var api = await Api.Start(house.Services);

        var asked = await api.Post("webhooks/tried/test", new { });
        await mail.Settled("tried", DeliveryState.Delivered, 1);

        Assert.True(asked.Status == HttpStatusCode.Accepted, $"{asked}");
        Assert.DoesNotContain("deployment", asked.Text, StringComparison.Ordinal);
        var queued = asked.Read<DeliveryView>();
        Assert.Equal((null, 1, DeliveryState.Pending, "local"), (queued.Deployment, queued.Number, queued.State, queued.AskedBy));
        var received = Assert.Single(receiver.All);
        Assert.Equal(
            $$"""{"id":"{{queued.Id}}","type":"webhook.test","webhook":"tried","at":"{{received.Body.GetProperty("at").GetString()}}","by":"local","""
            + "\"message\":\"A test message for webhook tried, which local has asked for.\"}",
            received.Body.GetRawText());
        Assert.Equal(($"{queued.Id}", "application/json", 0), (received.Delivery, received.Type, receiver.Forged));
        var taken = Assert.Single(await mail.List("tried", DeliveryState.Delivered));
        Assert.Equal((queued.Id, null, "local", 1), (taken.Id, taken.Deployment, taken.AskedBy, taken.Attempts));
        Assert.Empty(other.All);
        Assert.Empty(await mail.List("untried", DeliveryState.Pending));
    }

    [Fact]
    public async Task One_that_fails_is_tried_again_keeps_another_from_waiting_and_is_replayed_as_all_others()
    {
        await using var receiver = await Receiver.Start();
        await using var mail = new Mail(house);
        await using var api = await Api.Start(house.Services);
        var isDown = true;
        receiver.Answer = (_, _) => Task.FromResult(isDown ? 500 : 200);
        await mail.Subscribe("failing", receiver.Url, "failing");

        var first = (await api.Post("webhooks/failing/test", new { })).Read<DeliveryView>();
        await mail.Until(async () => (await mail.List("failing", DeliveryState.Pending)).Any(one => one.Error is not null), "the first attempt has failed");
        Api.AssertRefused(await api.Post("webhooks/failing/test", new { }), HttpStatusCode.Conflict, $"delivery {first.Id}", $"\"delivery\":\"{first.Id}\"");
        await mail.Until(
            async () =>
            {
                mail.Clock.Advance(TimeSpan.FromMinutes(31));
                return (await mail.List("failing", DeliveryState.Dead)).Count == 1;
            },
            "it is given up");
        var dead = Assert.Single((await api.Get("webhooks/failing/deliveries")).Read<Page<DeliveryView>>().Items);
        Assert.True(dead is { Deployment: null, AskedBy: "local", Error: "It answered 500.", Attempts: > 1 }, $"{dead}");

        isDown = false;
        var second = await api.Post("webhooks/failing/test", new { });
        await mail.Settled("failing", DeliveryState.Delivered, 1);
        var replayed = await api.Post($"webhooks/failing/deliveries/{first.Id}/replay", new { });
        await mail.Settled("failing", DeliveryState.Delivered, 2);

        Assert.Equal(HttpStatusCode.Accepted, second.Status);
        Assert.Equal((HttpStatusCode.OK, DeliveryState.Pending), (replayed.Status, replayed.Read<DeliveryView>().State));
        Assert.Equal($"{first.Id}", receiver.All.Last().Delivery);
        Assert.Single(receiver.All.Where(one => one.Delivery == $"{first.Id}").Select(one => one.Body.GetRawText()).Distinct());
    }

    [Fact]
    public async Task Events_do_not_wait_for_it_and_it_does_not_wait_for_them()
    {
        await using var receiver = await Receiver.Start();
        await using var mail = new Mail(house);
        await using var api = await Api.Start(house.Services);
        receiver.Answer = (_, received) => Task.FromResult(
            received.Body.GetRawText().Contains("webhook.test", StringComparison.Ordinal) || received.Number == 2 ? 200 : 503);
        await mail.Subscribe("aside", receiver.Url, "aside");
        await mail.Tell(house, "aside", 2);

        await api.Post("webhooks/aside/test", new { });
        await mail.Settled("aside", DeliveryState.Delivered, 1);

        Assert.Equal("local", (await mail.List("aside", DeliveryState.Delivered))[0].AskedBy);
        Assert.Equal([2L, 1L], (await mail.List("aside", DeliveryState.Pending)).Select(one => one.Number));
    }

    [Fact]
    public async Task Of_many_that_are_asked_for_at_once_one_waits()
    {
        await using var mail = new Mail(house);
        await using var receiver = await Receiver.Start();
        var released = new TaskCompletionSource();
        receiver.Answer = async (_, _) =>
        {
            await released.Task;
            return 200;
        };
        for (var round = 1; round <= 5; round++)
        {
            var name = $"rush-{round}";
            await mail.Subscribe(name, receiver.Url, "rush");
            var asked = await Task.WhenAll(
                Enumerable.Range(0, 20).Select(_ => Task.Run(() => mail.Get<TestMessages>().Ask(name, "ann", default))));

            Assert.Equal(TestMessages.WaitingMax, asked.Count(one => one.IsOk));
            Assert.Single(await mail.List(name, DeliveryState.Pending));
        }

        released.SetResult();
        await mail.Settled("rush-1", DeliveryState.Delivered, 1);
        Assert.All(receiver.All, received => Assert.Equal("ann", received.Body.GetProperty("by").GetString()));
    }

    [Fact]
    public async Task None_is_kept_for_a_webhook_that_is_disabled_or_not_there()
    {
        await using var api = await Api.Start(house.Services);
        await api.Put("webhooks/off", new WebhookRequest("http://127.0.0.1:9/", Receiver.Secret, Enabled: false));

        Api.AssertRefused(await api.Post("webhooks/off/test", new { }), HttpStatusCode.Conflict, "off is disabled");
        Api.AssertRefused(await api.Post("webhooks/none/test", new { }), HttpStatusCode.NotFound, "none");
        Api.AssertRefused(await api.Post("webhooks/No/test", new { }), HttpStatusCode.BadRequest, "name");
        Assert.Empty((await api.Get("webhooks/off/deliveries?state=pending")).Read<Page<DeliveryView>>().Items);
    }
}
