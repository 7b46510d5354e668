using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.Hosting;
using Fury.Sdk.Messaging;
using Fury.Sdk.Testing;
using Fury.Testing;

namespace Fury.Sdk.Tests.Messaging;

/// <summary>Bodies that a queue cannot carry are objects of a bucket, and are gone when nobody needs them any more.</summary>
public sealed class LargeBodiesTests
{
    private static readonly LargeBodyOptions Bodies = new("bodies") { Life = TimeSpan.FromDays(2) };
    private static readonly ReceiveOptions Now = new() { Wait = TimeSpan.Zero };
    private static readonly byte[] Large = [.. Enumerable.Range(0, 1 << 20).Select(each => (byte)(each * 31))];

    [Fact]
    public async Task A_large_body_comes_whole_and_its_object_goes_with_its_message()
    {
        await using var fury = await Start();
        var orders = fury.Services.Queue("orders");
        await orders.SendAsync(new OutgoingMessage(Large) { Attributes = new Dictionary<string, string> { ["a"] = "1" } });
        await orders.SendAsync(new OutgoingMessage(new byte[10]));
        Assert.Single(await Keys(fury));

        var first = await One(orders);
        Assert.Equal(Large, first.Body);
        Assert.Equal("1", first.Attributes["a"]);
        await first.AbandonAsync();
        var again = await One(orders);
        await (again.Body.Length == 10 ? again : await One(orders)).CompleteAsync();
        Assert.Single(await Keys(fury));
        if (again.Body.Length == 10)
        {
            again = await One(orders);
        }

        Assert.Equal(Large, again.Body);
        await again.CompleteAsync();
        Assert.Empty(await Keys(fury));
    }

    [Fact]
    public async Task A_body_of_a_topic_is_for_all_subscriptions_and_is_swept_away_after_its_life()
    {
        await using var fury = await Start();
        await fury.Services.Topic("news").PublishAsync(new OutgoingMessage(Large));
        foreach (var subscription in new[] { "news/mail", "news/push" })
        {
            var message = await One(fury.Services.Queue(subscription));
            Assert.Equal(Large, message.Body);
            await message.CompleteAsync();
        }

        Assert.Single(await Keys(fury));
        using var sweeper = new ClaimCheckSweeper(() => ((FuryRuntime)fury.Services).ClaimChecks, fury.Clock);
        await sweeper.StartAsync(CancellationToken.None);
        fury.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Single(await Keys(fury));
        await Eventually.True(async () =>
        {
            fury.Clock.Advance(TimeSpan.FromHours(12));
            return (await Keys(fury)).Count == 0;
        });
        await sweeper.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task What_was_not_sent_leaves_nothing_and_what_may_have_been_sent_keeps_its_body()
    {
        await using var fury = await Start();
        var orders = fury.Services.Queue("orders");
        fury.Faults.On("orders", "SendAsync").Times(10).CutBeforeSend();
        await Assert.ThrowsAsync<FuryException>(() => orders.SendAsync(new OutgoingMessage(Large)));
        Assert.Empty(await Keys(fury));
        fury.Faults.Clear();

        await orders.SendAsync(new OutgoingMessage(Large) { DeduplicationId = "d" });
        Assert.True((await orders.SendAsync(new OutgoingMessage(Large) { DeduplicationId = "d" })).Duplicate);
        Assert.Single(await Keys(fury));
        await (await One(orders)).CompleteAsync();

        fury.Faults.On("orders", "SendAsync").CutAfterSend();
        Assert.True((await Assert.ThrowsAsync<FuryException>(() => orders.SendAsync(new OutgoingMessage(Large)))).OutcomeUnknown);
        Assert.Equal(Large, (await One(orders)).Body);
    }

    [Fact]
    public async Task Whoever_is_told_of_a_duplicate_that_may_be_his_own_keeps_its_body()
    {
        await using var fury = await Start();
        var message = new OutgoingMessage(Large) { DeduplicationId = "d" };
        fury.Faults.On("orders", "SendAsync").CutAfterSend();
        fury.Faults.On("news", "PublishAsync").CutAfterSend();

        await fury.Services.Queue("orders").SendAsync(message);
        await fury.Services.Topic("news").PublishAsync(message);

        Assert.Equal(Large, (await One(fury.Services.Queue("orders"))).Body);
        Assert.Equal(Large, (await One(fury.Services.Queue("news/mail"))).Body);
    }

    [Fact]
    public async Task Who_stops_while_a_body_is_read_gives_back_all_that_was_leased()
    {
        await using var fury = await Start();
        var orders = fury.Services.Queue("orders");
        await orders.SendAsync(new OutgoingMessage(new byte[10]));
        await orders.SendAsync(new OutgoingMessage(Large));
        await orders.SendAsync(new OutgoingMessage(new byte[11]));
        var reading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        fury.Faults.On("bodies").Do(async (call, _) =>
        {
            reading.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, call.Arguments.OfType<CancellationToken>().First());
            return null;
        });
        using var stop = new CancellationTokenSource();

        var receiving = orders.ReceiveAsync(new ReceiveOptions { Wait = TimeSpan.Zero, MaxMessages = 3 }, stop.Token);
        await reading.Task.WaitAsync(Eventually.Deadline);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receiving);
        Assert.Equal(10, (await One(orders)).Body.Length);
        var others = await orders.ReceiveAsync(new ReceiveOptions { Wait = TimeSpan.Zero, MaxMessages = 3 });
        Assert.Equal([Large.Length, 11], others.Select(each => each.Body.Length));
    }

    [Fact]
    public async Task A_message_whose_body_is_gone_is_put_aside_and_says_so()
    {
        await using var fury = await Start();
        var orders = fury.Services.Queue("orders");
        await orders.SendAsync(new OutgoingMessage(Large));
        await fury.Services.Objects("bodies").DeleteAsync(Assert.Single(await Keys(fury)));

        Assert.Empty(await orders.ReceiveAsync(Now));
        var aside = Assert.Single(await orders.DeadLetters.ReceiveAsync(Now));
        Assert.Equal(("its body is not in the bucket any more", 0), (aside.DeadLetterReason, aside.Body.Length));
        await aside.CompleteAsync();
    }

    [Fact]
    public async Task Who_can_send_does_not_choose_which_other_object_is_read_or_removed()
    {
        await using var fury = await Start();
        var bodies = fury.Services.Objects("bodies");
        string[] keys = ["secret.txt", "fury-bodies/others/" + new string('0', 32)];
        foreach (var key in keys)
        {
            await bodies.WriteAsync(key, new byte[3]);
            await Forge(fury, key);
        }

        Assert.Empty(await fury.Services.Queue("orders").ReceiveAsync(new ReceiveOptions { Wait = TimeSpan.Zero, MaxMessages = 10 }));
        foreach (var aside in await fury.Services.Queue("orders").DeadLetters.ReceiveAsync(new ReceiveOptions { Wait = TimeSpan.Zero, MaxMessages = 10 }))
        {
            Assert.Equal(0, aside.Body.Length);
            await aside.CompleteAsync();
        }

        Assert.All(keys, key => Assert.NotNull(bodies.GetPropertiesAsync(key).GetAwaiter().GetResult()));
    }

    [Fact]
    public async Task A_bucket_that_is_away_is_an_error_and_the_message_comes_again()
    {
        await using var fury = await Start();
        var orders = fury.Services.Queue("orders");
        await orders.SendAsync(new OutgoingMessage(Large));
        fury.Faults.On("bodies").Times(20).CutBeforeSend();

        var failure = await Assert.ThrowsAsync<FuryException>(() => orders.ReceiveAsync(Now));
        fury.Faults.Clear();
        fury.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal((FuryErrorCode.Unavailable, "bodies"), (failure.Code, failure.Call!.Service));
        Assert.Equal(Large, (await One(orders)).Body);
    }

    [Fact]
    public async Task Without_a_bucket_a_large_body_is_refused_and_one_of_others_is_not_lost()
    {
        await using var fury = await FuryTestHost.StartAsync(app => app.AddQueue("orders"));
        var orders = fury.Services.Queue("orders");
        var sent = await Assert.ThrowsAsync<FuryException>(() => orders.SendAsync(new OutgoingMessage(Large)));
        await Forge(fury, "fury-bodies/orders/" + new string('0', 32));
        var received = await Assert.ThrowsAsync<FuryException>(() => orders.ReceiveAsync(Now));

        Assert.Equal((FuryErrorCode.PayloadTooLarge, FuryErrorCode.InvalidArgument), (sent.Code, received.Code));
        Assert.Contains("QueueOptions.LargeBodies", received.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await orders.GetDepthAsync()).Leased);
    }

    [Fact]
    public async Task What_cannot_be_is_said_when_it_is_declared_or_sent()
    {
        var missing = await Assert.ThrowsAsync<FuryException>(
            () => FuryTestHost.StartAsync(app => app.AddTopic("news", new TopicOptions { LargeBodies = new LargeBodyOptions("nowhere") })));
        var tooLong = Assert.Throws<FuryException>(
            () => new FuryBuilder(null!).AddQueue("q", new QueueOptions { LargeBodies = new LargeBodyOptions("b") { Life = TimeSpan.FromDays(400) } }));
        await using var fury = await Start();
        var orders = fury.Services.Queue("orders");
        var tooLarge = await Assert.ThrowsAsync<FuryException>(() => orders.SendAsync(new OutgoingMessage(new byte[Bodies.BytesMax + 1])));
        var tooLate = await Assert.ThrowsAsync<FuryException>(() => orders.SendAsync(new OutgoingMessage(Large) { Delay = TimeSpan.FromDays(3) }));

        Assert.Contains("'news' keeps large bodies in 'nowhere', which is not declared", missing.Message, StringComparison.Ordinal);
        Assert.Equal(
            [FuryErrorCode.InvalidArgument, FuryErrorCode.PayloadTooLarge, FuryErrorCode.InvalidArgument], [tooLong.Code, tooLarge.Code, tooLate.Code]);
        Assert.Empty(await Keys(fury));
    }

    [Fact]
    public async Task The_example_of_the_page_declares_it()
    {
        await using var host = await FuryTestHost.StartAsync(fury =>
        {
            // docs: large
            var large = new LargeBodyOptions("bodies");
            fury.AddQueue("orders", new QueueOptions { LargeBodies = large });
            fury.AddTopic("news", new TopicOptions { LargeBodies = large });
            fury.AddObjects("bodies");
            // docs: end
        });

        await host.Services.Queue("orders").SendAsync(new OutgoingMessage(Large));
        PageExample.IsOn("docs/sdk.md", "large");
    }

    private static Task<FuryTestHost> Start() => FuryTestHost.StartAsync(app =>
    {
        app.AddQueue("orders", new QueueOptions { LargeBodies = Bodies });
        app.AddTopic("news", new TopicOptions { LargeBodies = Bodies });
        app.AddQueue("news/mail", new QueueOptions { LargeBodies = Bodies });
        app.AddQueue("news/push", new QueueOptions { LargeBodies = Bodies });
        app.AddObjects("bodies");
    });

    private static async Task<ReceivedMessage> One(MessageQueue queue) => Assert.Single(await queue.ReceiveAsync(Now));

    private static async Task<List<string>> Keys(FuryTestHost fury)
    {
        List<string> keys = [];
        await foreach (var item in fury.Services.Objects("bodies").List())
        {
            keys.Add(item.Key);
        }

        return keys;
    }

    /// <summary>A message that names an object, as somebody who can send could make it.</summary>
    private static async Task Forge(FuryTestHost fury, string key)
    {
        var route = new ServiceRoute("local", "local", null, "local", "orders");
        var driver = (IQueueDriver)await fury.Provider.Factories.Single(each => each.Kind == ServiceKind.Queue)
            .OpenAsync(new DriverContext("orders", route, fury.Clock), CancellationToken.None);
        await driver.SendAsync(
            new DriverMessage(Guid.NewGuid().ToString("N"), default, new Dictionary<string, string> { [ClaimCheck.Header] = key }), CancellationToken.None);
    }
}
