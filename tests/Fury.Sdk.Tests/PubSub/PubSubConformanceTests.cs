using System.Text;
using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.Messaging;
using Fury.Sdk.PubSub;
using Fury.Sdk.Tests.Conformance;
using Fury.Sdk.Tests.Matrix;
using Fury.Testing;

namespace Fury.Sdk.Tests.PubSub;

/// <summary>A strict fake of Pub/Sub keeps what the drivers say. Pub/Sub itself has not been asked.</summary>
[RunsAgainst(PubSubProvider.Name, "a strict fake", NeverAsked = "Google Cloud Pub/Sub")]
public sealed class PubSubConformanceTests(FakePubSub fake) : IClassFixture<FakePubSub>
{
    public static TheoryData<string> Names => RealServer.Names(ServiceKind.Queue, ServiceKind.Topic);

    [Theory]
    [MemberData(nameof(Names))]
    public Task A_fake_of_PubSub_keeps(string name) => new RealServer(PubSubProvider.Factories, (_, resource) => Route(resource)).Keeps(
        name, MessagingCapabilities.OrderingKey, MessagingCapabilities.Delay, MessagingCapabilities.Deduplication, MessagingCapabilities.Depth);

    [Fact]
    public async Task What_one_subscription_redrives_no_other_gets()
    {
        await using var topic = new PubSubTopic(Context("redriven", []));
        await topic.ProbeAsync(default);
        await using var first = await Subscription("redriven/first", []);
        await using var second = await Subscription("redriven/second", []);
        await topic.PublishAsync(new DriverMessage("1", "one"u8.ToArray(), new Dictionary<string, string> { ["ce-id"] = "1" }), default);
        await first.DeadLetterAsync(await One(first, QueueSide.Main), "bad", default);
        await second.CompleteAsync(QueueSide.Main, await One(second, QueueSide.Main), default);

        await first.RedriveAsync(await One(first, QueueSide.DeadLetters, "bad"), default);

        await first.CompleteAsync(QueueSide.Main, await One(first, QueueSide.Main), default);
        Assert.Empty(await second.ReceiveAsync(QueueSide.Main, 1, TimeSpan.FromMinutes(1), TimeSpan.Zero, default));
    }

    [Fact]
    public async Task A_filter_is_for_ever_and_not_too_long()
    {
        await using (await Subscription("filtered/one", new() { ["say"] = "\"yes\" \\ or é" }))
        {
            var other = await Assert.ThrowsAsync<FuryException>(() => Subscription("filtered/one", new() { ["say"] = "no" }));
            Assert.Equal(
                "The subscription 'filtered_one' of Pub/Sub has another filter or topic, which it keeps for ever; give 'news/one' another name.",
                other.Message);
        }

        await using (await Subscription("filtered/one", new() { ["say"] = "\"yes\" \\ or é" }))
        {
        }

        var tooLong = await Assert.ThrowsAsync<FuryException>(() => Subscription("filtered/two", new() { ["say"] = new string('a', 256) }));
        Assert.Contains("it takes 256", tooLong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lease_that_is_longer_than_Pub_Subs_own_is_asked_for_and_one_that_is_over_is_given_back()
    {
        await using var queue = await Subscription("leases", []);
        await queue.SendAsync(new DriverMessage("1", "one"u8.ToArray(), new Dictionary<string, string> { ["ce-id"] = "1" }), default);
        var held = Assert.Single(await queue.ReceiveAsync(QueueSide.Main, 1, TimeSpan.FromSeconds(1), TimeSpan.Zero, default));

        var again = Assert.Single(await queue.ReceiveAsync(QueueSide.Main, 1, TimeSpan.FromHours(12), TimeSpan.FromSeconds(30), default));

        Assert.Equal(("1", 2), (again.Message.Id, again.DeliveryCount));
        Assert.Equal(FuryErrorCode.LeaseLost, (await Assert.ThrowsAsync<FuryException>(
            async () => await queue.CompleteAsync(QueueSide.Main, held.Token, default))).Code);
        await queue.CompleteAsync(QueueSide.Main, again.Token, default);
    }

    [Fact]
    public async Task Who_waits_for_a_message_keeps_nobody_from_settling_one()
    {
        const int WaitersCount = 65;
        await using var queue = await Subscription("waited", []);
        await queue.SendAsync(new DriverMessage("1", "one"u8.ToArray(), new Dictionary<string, string> { ["ce-id"] = "1" }), default);
        var token = await One(queue, QueueSide.Main);
        using var stop = new CancellationTokenSource();
        var waitsBefore = fake.Waits;
        fake.Waits = Eventually.Deadline * 3;
        try
        {
            List<Task<IReadOnlyList<DriverDelivery>>> waiters =
            [
                .. Enumerable.Range(0, WaitersCount)
                    .Select(_ => queue.ReceiveAsync(QueueSide.Main, 1, TimeSpan.FromMinutes(1), fake.Waits, stop.Token).AsTask()),
            ];
            await Eventually.True(() => fake.Pulls == WaitersCount);

            await queue.CompleteAsync(QueueSide.Main, token, default).AsTask().WaitAsync(Eventually.Deadline);

            Assert.Equal(WaitersCount, fake.Pulls);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(waiters));
        }
        finally
        {
            fake.Waits = waitsBefore;
        }
    }

    [Fact]
    public async Task Without_a_key_the_project_must_be_named()
    {
        await using var queue = new PubSubQueue(new DriverContext("orders", Route("orders") with { Credential = null }, TimeProvider.System));

        var error = await Assert.ThrowsAsync<FuryException>(async () => await queue.ProbeAsync(default));

        Assert.Equal("""The binding of 'orders' must name the project in its dialect, like { "google.project": "shop" }.""", error.Message);
    }

    private ServiceRoute Route(string resource) => new(PubSubProvider.Name, "direct", fake.Home, "local", resource) { Credential = fake.Credential };

    private DriverContext Context(string resource, Dictionary<string, string> filter) =>
        new("news/one", Route(resource), TimeProvider.System) { Filter = filter };

    private async Task<IQueueDriver> Subscription(string resource, Dictionary<string, string> filter)
    {
        var subscription = new PubSubQueue(Context(resource, filter));
        await subscription.ProbeAsync(default);
        return subscription;
    }

    private static async Task<string> One(IQueueDriver queue, QueueSide side, string? reason = null)
    {
        var one = Assert.Single(await queue.ReceiveAsync(side, 10, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(30), default));
        Assert.Equal(("1", "one", reason), (one.Message.Id, Encoding.UTF8.GetString(one.Message.Body.Span), one.DeadLetterReason));
        return one.Token;
    }
}
