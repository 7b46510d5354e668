using System.Net;
using Fury.Deployments.Contracts;
using Fury.Deployments.Webhooks;
using Fury.Kernel;

namespace Fury.Deployments.Tests.Webhooks;

/// <summary>Deliveries to a real HTTP server, in a time that the test makes.</summary>
public sealed class DeliveriesTests(House house) : IClassFixture<House>
{
    [Fact]
    public async Task What_fails_is_tried_again_after_a_pause_and_nothing_of_its_deployment_overtakes_it()
    {
        await using var receiver = await Receiver.Start();
        await using var mail = new Mail(house);
        var refusals = 2;
        receiver.Answer = (_, received) => Task.FromResult(received.Number == 1 && Interlocked.Decrement(ref refusals) >= 0 ? 503 : 200);
        await mail.Subscribe("again", receiver.Url, "again");
        var deployment = await mail.Tell(house, "again", 3);

        await mail.Until(async () => (await mail.List("again", DeliveryState.Pending))[^1].Error is not null, "the first attempt has failed");
        Assert.Equal(1, Assert.Single(receiver.All).Number);
        mail.Clock.Advance(TimeSpan.FromSeconds(2));
        await mail.Until(async () => (await mail.List("again", DeliveryState.Pending))[^1].Attempts == 2, "the second attempt was made");
        mail.Clock.Advance(TimeSpan.FromSeconds(3));
        await mail.Settled("again", DeliveryState.Delivered, 3);

        Assert.Equal([1, 1, 1, 2, 3], receiver.All.Select(one => one.Number));
        Assert.Single(receiver.All.Take(3).Select(one => one.Delivery).Distinct());
        Assert.All(receiver.All, one => Assert.Equal($"{deployment}", one.Deployment));
        var first = (await mail.List("again", DeliveryState.Delivered))[^1];
        Assert.Equal((3, "It answered 503."), (first.Attempts, first.Error));
    }

    [Fact]
    public async Task What_is_given_up_is_dead_the_rest_goes_on_and_it_can_be_replayed()
    {
        await using var receiver = await Receiver.Start();
        await using var mail = new Mail(house);
        var isDown = true;
        receiver.Answer = (_, received) => Task.FromResult(received.Number == 1 && isDown ? 500 : 200);
        await mail.Subscribe("dead", receiver.Url, "dead");
        await mail.Tell(house, "dead", 2);
        await mail.Until(
            async () =>
            {
                mail.Clock.Advance(TimeSpan.FromMinutes(31));
                return (await mail.List("dead", DeliveryState.Dead)).Count == 1;
            },
            "the first event is given up");

        await mail.Settled("dead", DeliveryState.Delivered, 1);
        var dead = Assert.Single(await mail.List("dead", DeliveryState.Dead));
        Assert.True(dead is { Number: 1, Error: "It answered 500.", Attempts: > 1 and <= Retries.AttemptsMax }, $"{dead}");
        isDown = false;
        await using var api = await Api.Start(house.Services);
        var replayed = await api.Post($"webhooks/dead/deliveries/{dead.Id}/replay", new { });
        await mail.Settled("dead", DeliveryState.Delivered, 2);
        var again = await api.Post($"webhooks/dead/deliveries/{dead.Id}/replay", new { });

        Assert.Equal(DeliveryState.Pending, replayed.Read<DeliveryView>().State);
        Assert.Equal($"{dead.Id}", receiver.All.Last().Delivery);
        Api.AssertRefused(again, HttpStatusCode.Conflict, "delivered");
        Api.AssertRefused(await api.Post("webhooks/dead/deliveries/987654321/replay", new { }), HttpStatusCode.NotFound, "987654321");
        Api.AssertRefused(await api.Post("webhooks/none/replay", new { }), HttpStatusCode.NotFound, "none");
    }

    [Fact]
    public async Task All_that_is_dead_is_replayed_in_order()
    {
        await using var receiver = await Receiver.Start();
        await using var mail = new Mail(house);
        var isDown = true;
        receiver.Answer = (_, _) => Task.FromResult(isDown ? 500 : 200);
        await mail.Subscribe("all", receiver.Url, "all");
        await mail.Tell(house, "all", 3);
        await mail.Until(
            async () =>
            {
                mail.Clock.Advance(TimeSpan.FromHours(25));
                return (await mail.List("all", DeliveryState.Dead)).Count == 3;
            },
            "all are given up");
        isDown = false;
        receiver.All.Clear();
        await using var api = await Api.Start(house.Services);

        var answer = await api.Post("webhooks/all/replay", new { });
        await mail.Settled("all", DeliveryState.Delivered, 3);

        Assert.Equal(3, answer.Read<Replay>().Replayed);
        Assert.Equal([1, 2, 3], receiver.All.Select(one => one.Number));
    }

    [Fact]
    public async Task A_slow_subscriber_keeps_nobody_waiting_but_itself()
    {
        await using var slow = await Receiver.Start();
        await using var quick = await Receiver.Start();
        await using var mail = new Mail(house);
        var released = new TaskCompletionSource();
        slow.Answer = async (_, _) =>
        {
            await released.Task;
            return 200;
        };
        await mail.Subscribe("slow", slow.Url, "slow");
        await mail.Subscribe("quick", quick.Url, "slow");
        for (var deployment = 0; deployment < 30; deployment++)
        {
            await mail.Tell(house, "slow", 1);
        }

        await mail.Settled("quick", DeliveryState.Delivered, 30);

        Assert.Equal(30, (await mail.List("slow", DeliveryState.Pending)).Count);
        Assert.True(slow.All.Count <= 8, $"{slow.All.Count} at once");
        released.SetResult();
        await mail.Settled("slow", DeliveryState.Delivered, 30);
    }

    [Fact]
    public async Task Of_two_hosts_one_makes_each_delivery()
    {
        await using var receiver = await Receiver.Start();
        await using var one = new Mail(house);
        await using var two = new Mail(house);
        await one.Subscribe("both", receiver.Url, "both");
        for (var deployment = 0; deployment < 40; deployment++)
        {
            await one.Tell(house, "both", 2);
        }

        await Task.WhenAll(one.Settled("both", DeliveryState.Delivered, 80), two.Settled("both", DeliveryState.Delivered, 80));

        Assert.Equal(80, receiver.All.Count);
        Assert.Equal(80, receiver.All.Select(received => received.Delivery).Distinct().Count());
        Assert.All(receiver.All.GroupBy(received => received.Deployment), lane => Assert.Equal([1, 2], lane.Select(received => received.Number)));
    }

    [Fact]
    public async Task What_a_host_had_begun_when_it_died_is_tried_by_another_one()
    {
        await using var receiver = await Receiver.Start();
        await using var mail = new Mail(house);
        await mail.Subscribe("died", receiver.Url, "died");
        await mail.Tell(house, "died", 1);
        var now = mail.Clock.GetUtcNow();
        var claimed = Assert.Single(await mail.Get<DeliveryStore>().Claim("died", now, now.AddSeconds(30), 8, default));

        Assert.Empty(await mail.Get<DeliveryStore>().Due(mail.Clock.GetUtcNow(), default) is var due ? due.Where(name => name == "died") : []);
        mail.Clock.Advance(TimeSpan.FromSeconds(31));
        await mail.Settled("died", DeliveryState.Delivered, 1);

        // The one that was taken for dead wakes up, and changes nothing.
        await mail.Get<DeliveryStore>().End(claimed, DeliveryState.Dead, "late", mail.Clock.GetUtcNow(), default);
        Assert.Equal((2, null), Assert.Single(await mail.List("died", DeliveryState.Delivered)) is var one ? (one.Attempts, one.Error) : default);
    }

    [Fact]
    public async Task An_event_that_is_heard_twice_is_delivered_once()
    {
        await using var receiver = await Receiver.Start();
        await using var mail = new Mail(house);
        await mail.Subscribe("twice", receiver.Url, "twice");
        var deployment = await mail.Tell(house, "twice", 1);
        var record = (await house.Store.Find(deployment, default))!;
        await mail.Hear(record.Scope, (await house.History(deployment))[0]);

        await mail.Settled("twice", DeliveryState.Delivered, 1);
        await mail.Hear(record.Scope, (await house.History(deployment))[0]);

        Assert.Empty(await mail.List("twice", DeliveryState.Pending));
        Assert.Single(receiver.All);
    }

    [Fact]
    public async Task Only_what_a_subscriber_wants_is_delivered_to_it()
    {
        await using var mail = new Mail(house);
        var scope = house.Catalog.AddScope("picky/production-web");
        var wishes = new (string Name, Webhook Webhook, bool IsWanted)[]
        {
            ("p-all", Wish(), true),
            ("p-team", Wish() with { Teams = ["team-picky", "team-x"] }, true),
            ("p-team-no", Wish() with { Teams = ["team-x"] }, false),
            ("p-app", Wish() with { Applications = [scope.Application] }, true),
            ("p-app-no", Wish() with { Applications = [ApplicationName.Parse("other")] }, false),
            ("p-scope", Wish() with { Scopes = ["test-*", "production-*"] }, true),
            ("p-scope-no", Wish() with { Scopes = ["production", "*-worker"] }, false),
            ("p-phase", Wish() with { Phases = [DeploymentPhase.Done, DeploymentPhase.RolledBack] }, true),
            ("p-phase-no", Wish() with { Phases = [DeploymentPhase.Judging] }, false),
            ("p-both-no", Wish() with { Phases = [DeploymentPhase.Done], Teams = ["team-x"] }, false),
            ("p-off", Wish() with { Enabled = false }, false),
        };
        foreach (var (name, webhook, _) in wishes)
        {
            Assert.True((await mail.Get<WebhookStore>().Put(webhook with { Name = name }, new(Receiver.Secret), default)).IsOk);
        }

        var started = (await house.Deployments.Start(scope, new("1.0.0", "all-in"), null, default)).Value;
        await mail.Hear(scope, new(started.Id, 1, mail.Clock.GetUtcNow(), DeploymentPhase.Done, "Done.", new Dictionary<string, string>()));

        foreach (var (name, _, isWanted) in wishes)
        {
            Assert.True(isWanted == (await mail.List(name, DeliveryState.Pending)).Count is 1, name);
            await mail.Get<WebhookStore>().Remove(name, default);
        }

        static Webhook Wish() => new("", new("http://127.0.0.1:9/"), [], [], [], [], true, default);
    }
}
