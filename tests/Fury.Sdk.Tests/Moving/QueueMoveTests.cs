using Fury.Sdk.Bindings;
using Fury.Sdk.Conformance;
using Fury.Sdk.Drivers;
using Fury.Sdk.Hosting;
using Fury.Sdk.Local;
using Fury.Sdk.Messaging;
using Fury.Sdk.Moving;
using Fury.Sdk.Testing;

namespace Fury.Sdk.Tests.Moving;

/// <summary>A queue that is drained and switched is one queue.</summary>
public sealed class QueueMoveTests
{
    public static TheoryData<MovePhase, string> Names
    {
        get
        {
            var names = new TheoryData<MovePhase, string>();
            foreach (var test in ConformanceSuite.Tests.Where(test => test.Kind == ServiceKind.Queue))
            {
                foreach (var phase in new[] { MovePhase.Preparing, MovePhase.Moving, MovePhase.Settling, MovePhase.Holding })
                {
                    names.Add(phase, test.Name);
                }
            }

            return names;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_queue_that_moves_keeps(MovePhase phase, string name)
    {
        var result = await ConformanceSuite.RunAsync(new Target(phase), ConformanceSuite.Tests.Single(test => test.Name == name));

        Assert.True(result.Verdict is ConformanceVerdict.Passed, result.Detail);
    }

    [Fact]
    public async Task Messages_sent_before_within_and_after_a_move_come_once_and_in_the_order_of_their_key()
    {
        var clock = new ManualTimeProvider();
        var factories = new LocalProvider(clock).Factories;
        var need = new ServiceNeed(ServiceKind.Queue, "orders");
        await using var runtime = new FuryRuntime(clock);
        runtime.Add(need, null);
        var binder = new Binder(factories, clock, TimeSpan.FromSeconds(30));
        var (before, target) = (new ServiceBinding("orders", ServiceKind.Queue, 1, Route("a")), Route("b"));
        var orders = runtime.Queue("orders");
        await binder.Bind(runtime.Find(ServiceKind.Queue, "orders")!.Channel, need, before, default);
        List<(string Key, int Number)> received = [];
        var sent = 0;

        foreach (var step in new[] { MoveStep.Check, MoveStep.Prepare, MoveStep.Copy, MoveStep.Settle, MoveStep.Switch })
        {
            if (step != MoveStep.Check)
            {
                var state = new MoveState("orders", step, runtime.Find(ServiceKind.Queue, "orders")!.Channel.Binding.Epoch + 1);
                await binder.Bind(runtime.Find(ServiceKind.Queue, "orders")!.Channel, need, MovePlan.Binding(state, before, target), default);
            }

            for (var end = sent + 20; sent < end; sent++)
            {
                await orders.SendAsync(new OutgoingMessage(BitConverter.GetBytes(sent)) { OrderingKey = $"k{sent % 3}" });
            }

            // A part of it is left to the next step; before the last, the source is drained.
            await Receive(step == MoveStep.Copy ? int.MaxValue : 12);
        }

        await Receive(int.MaxValue);
        Assert.Equal(Enumerable.Range(0, sent), received.Select(each => each.Number).Order());
        Assert.All(received.GroupBy(each => each.Key), key => Assert.Equal(key.Select(each => each.Number).Order(), key.Select(each => each.Number)));
        var source = (IQueueDriver)await factories
            .Single(each => each.Kind == ServiceKind.Queue)
            .OpenAsync(new DriverContext("orders", Route("a"), clock), default);
        Assert.True(await MovingQueue.IsDrained(source, default));

        async Task Receive(int most)
        {
            var options = new ReceiveOptions { MaxMessages = 2, Wait = TimeSpan.Zero };
            for (var count = 0; count < most && await orders.ReceiveAsync(options) is { Count: > 0 } messages; count += messages.Count)
            {
                foreach (var message in messages)
                {
                    received.Add((message.OrderingKey!, BitConverter.ToInt32(message.Body.Span)));
                    await message.CompleteAsync();
                }
            }
        }
    }

    [Fact]
    public async Task A_queue_that_does_not_tell_what_is_delayed_moves()
    {
        var (source, target) = (await Telling(new QueueDepth(0, 0, null, 0)), await Telling(new QueueDepth(0, 0, 0, 0)));
        var move = new PassMove(Order, source, target, new Host());

        var state = DataMove.Begin(Order.Binding);
        while (!MovePlan.IsOver(state.Step))
        {
            state = await move.Advance(state, default);
        }

        Assert.Equal(MoveStep.Moved, state.Step);
    }

    [Fact]
    public async Task A_queue_that_does_not_tell_what_is_out_is_no_source_and_may_be_a_target()
    {
        var (silent, full) = (await Telling(new QueueDepth(0, null, null, 0)), await Telling(new QueueDepth(0, 0, 0, 0)));

        var refusal = Assert.Single(await PassMove.Refusals(Order, silent, full, default));
        Assert.StartsWith("The source does not tell how much it holds, so nobody could know when it is drained", refusal, StringComparison.Ordinal);
        Assert.Empty(await PassMove.Refusals(Order, full, silent, default));
    }

    private static MoveOrder Order { get; } = new(new ServiceBinding("orders", ServiceKind.Queue, 1, Route("a")), Route("b"), [], null);

    private static async Task<IDriver> Telling(QueueDepth depth)
    {
        var clock = new ManualTimeProvider();
        var queue = await new LocalProvider(clock).Factories.Single(each => each.Kind == ServiceKind.Queue)
            .OpenAsync(new DriverContext("orders", Route("a"), clock), default);
        return InterceptedDriver.Wrap(queue, "orders", (call, next) =>
            call.Operation == nameof(IQueueDriver.GetDepthAsync) ? ValueTask.FromResult<object?>(depth) : next());
    }

    private static ServiceRoute Route(string resource) => new(LocalProvider.Name, "local", null, "local", resource);

    private sealed class Host : IMoveHost
    {
        public ValueTask PublishAsync(ServiceBinding binding, CancellationToken cancellation) => default;

        public ValueTask WaitUntilInForceAsync(long epoch, CancellationToken cancellation) => default;

        public ValueTask SaveAsync(MoveState state, CancellationToken cancellation) => default;
    }

    private sealed class Target(MovePhase phase) : ConformanceTarget
    {
        private readonly ManualTimeProvider _clock = new();
        private IReadOnlyList<IDriverFactory>? _factories;

        public override string Name => "moving";

        public override TimeProvider Clock => _clock;

        public override IReadOnlyList<IDriverFactory> Factories => _factories ??= [Both(new LocalProvider(_clock).Factories)];

        public override ServiceRoute Route(ServiceKind kind, string resource) => new("moving", "local", null, "local", resource);

        public override Task AdvanceAsync(TimeSpan by)
        {
            _clock.Advance(by);
            return Task.CompletedTask;
        }

        public override Task DriveAsync(Task task) => _clock.DriveAsync(task);

        private DriverFactory Both(IReadOnlyList<IDriverFactory> local)
        {
            return new DriverFactory(ServiceKind.Queue, "moving", async (context, _) =>
                new MovingQueue(phase, await Open(context, "source"), await Open(context, "target"), _clock));

            async Task<IQueueDriver> Open(DriverContext context, string side) => (IQueueDriver)await local
                .Single(each => each.Kind == ServiceKind.Queue)
                .OpenAsync(context with { Route = context.Route with { Resource = $"{context.Route.Resource}-{side}" } }, default);
        }
    }
}
