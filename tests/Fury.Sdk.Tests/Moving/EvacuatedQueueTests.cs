using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.Hosting;
using Fury.Sdk.Local;
using Fury.Sdk.Messaging;
using Fury.Sdk.Moving;
using Fury.Sdk.Testing;
using Fury.Testing;
using NSubstitute;

namespace Fury.Sdk.Tests.Moving;

/// <summary>A queue whose source is left at once: whatever the source does, calls end in time, and what it has comes when it can.</summary>
public sealed class EvacuatedQueueTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private readonly ManualTimeProvider _clock = new();
    private readonly IDriverFactory _local;

    public EvacuatedQueueTests() => _local = new LocalProvider(_clock).Factories.Single(each => each.Kind == ServiceKind.Queue);

    [Fact]
    public async Task Settling_a_message_of_a_source_that_has_gone_silent_ends_in_time()
    {
        var silent = new DriverFactory(ServiceKind.Queue, "silent", async (context, _) => Around(await Open("source"), async (call, next) =>
        {
            if (call.Operation == nameof(IQueueDriver.CompleteAsync))
            {
                await new TaskCompletionSource().Task;
            }

            return await next();
        }));
        await Send(await Open("source"), "old");
        var need = new ServiceNeed(ServiceKind.Queue, "orders");
        await using var runtime = new FuryRuntime(_clock);
        runtime.Add(need, null);
        var left = new ServiceBinding("orders", ServiceKind.Queue, 2, new("silent", "local", null, "local", "source"))
        {
            Move = new BindingMove(Route("target"), MovePhase.Evacuated),
        };
        await new Binder([silent, _local], _clock, TimeSpan.Zero).Bind(runtime.Find(ServiceKind.Queue, "orders")!.Channel, need, left, default);
        var receives = runtime.Queue("orders").ReceiveAsync(new ReceiveOptions { MaxMessages = 1, Wait = TimeSpan.FromSeconds(10) });
        await _clock.DriveAsync(receives);

        var settles = Assert.Single(await receives).CompleteAsync();
        var error = await Assert.ThrowsAsync<FuryException>(() => _clock.DriveAsync(settles));

        Assert.Equal(FuryErrorCode.Timeout, error.Code);
    }

    [Fact]
    public async Task A_source_that_takes_its_time_to_connect_gives_up_what_it_has()
    {
        var (source, target) = (await Open("source"), await Open("target"));
        await Send(source, "old");
        await using var queue = new EvacuatedQueue(() => Task.FromResult(Slow(source)), target, _clock);

        var receives = queue.ReceiveAsync(QueueSide.Main, 1, Lease, TimeSpan.FromSeconds(10), default).AsTask();
        await _clock.DriveAsync(receives);

        var old = Assert.Single(await receives);
        Assert.Equal("old", old.Message.Id);
        await queue.CompleteAsync(QueueSide.Main, old.Token, default);
        Assert.True(await MovingQueue.IsDrained(source, default));
    }

    [Fact]
    public async Task What_comes_late_goes_to_whoever_receives_then_and_is_no_more_than_he_takes()
    {
        var (source, target) = (await Open("source"), await Open("target"));
        await Send(source, "one");
        await Send(source, "two");
        await Send(target, "new");
        await using var queue = new EvacuatedQueue(() => Task.FromResult(Slow(source)), target, _clock);

        // He is not kept from what the target has.
        Assert.Equal(["new"], await Receive(5));
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(["one"], await Receive(1));
        Assert.Equal(["two"], await Receive(1));
        Assert.Equal([], await Receive(1));

        async Task<IEnumerable<string>> Receive(int max)
        {
            var receives = queue.ReceiveAsync(QueueSide.Main, max, Lease, TimeSpan.FromSeconds(5), default).AsTask();
            await _clock.DriveAsync(receives);
            return (await receives).Select(each => each.Message.Id);
        }
    }

    [Fact]
    public async Task A_source_that_does_not_answer_is_left_alone_for_a_while_and_asked_again()
    {
        var (source, target) = (await Open("source"), await Open("target"));
        await Send(source, "old");
        var (asked, isSilent) = (0, true);
        var silent = (IQueueDriver)Around(source, async (call, next) =>
        {
            asked += call.Operation == nameof(IQueueDriver.ReceiveAsync) ? 1 : 0;
            return isSilent ? await new TaskCompletionSource<object?>().Task : await next();
        });
        await using var queue = new EvacuatedQueue(() => Task.FromResult(silent), target, _clock);

        var receives = queue.ReceiveAsync(QueueSide.Main, 1, Lease, TimeSpan.FromSeconds(8), default).AsTask();
        await _clock.DriveAsync(receives);
        Assert.Equal((0, 1), ((await receives).Count, asked));

        isSilent = false;
        receives = queue.ReceiveAsync(QueueSide.Main, 1, Lease, TimeSpan.FromSeconds(8), default).AsTask();
        await _clock.DriveAsync(receives);
        Assert.Equal("old", Assert.Single(await receives).Message.Id);
    }

    [Fact]
    public async Task A_source_that_is_open_when_nobody_waits_for_it_any_more_is_closed()
    {
        var (opening, late) = (new TaskCompletionSource<IQueueDriver>(), Substitute.For<IQueueDriver>());
        await using var queue = new EvacuatedQueue(() => opening.Task, await Open("target"), _clock);
        var receives = queue.ReceiveAsync(QueueSide.Main, 1, Lease, TimeSpan.FromSeconds(35), default).AsTask();
        await _clock.DriveAsync(receives, TimeSpan.FromMilliseconds(250));
        Assert.Empty(await receives);

        opening.SetResult(late);

        await Eventually.True(() => late.ReceivedCalls().Any(call => call.GetMethodInfo().Name == nameof(IAsyncDisposable.DisposeAsync)));
    }

    private static ServiceRoute Route(string resource) => new(LocalProvider.Name, "local", null, "local", resource);

    private static IDriver Around(IQueueDriver queue, DriverInterceptor interceptor) => InterceptedDriver.Wrap(queue, "orders", interceptor);

    private static async Task Send(IQueueDriver queue, string id) =>
        await queue.SendAsync(new DriverMessage(id, new byte[1], new Dictionary<string, string>()), default);

    private async Task<IQueueDriver> Open(string resource) =>
        (IQueueDriver)await _local.OpenAsync(new DriverContext("orders", Route(resource), _clock), default);

    /// <summary>It connects when it is first asked, and whoever does not wait for that is where he was.</summary>
    private IQueueDriver Slow(IQueueDriver source)
    {
        var isConnected = false;
        return (IQueueDriver)Around(source, async (call, next) =>
        {
            if (!isConnected)
            {
                await Task.Delay(TimeSpan.FromSeconds(1.5), _clock, call.Arguments.OfType<CancellationToken>().Single());
                isConnected = true;
            }

            return await next();
        });
    }
}
