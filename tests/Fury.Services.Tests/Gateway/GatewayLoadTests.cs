using System.Collections.Concurrent;
using Fury.Sdk;
using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.Gateway;
using Fury.Testing;

namespace Fury.Services.Tests.Gateway;

/// <summary>A host that does little at once.</summary>
public sealed class NarrowHost : GatewayHost
{
    public const int CallsMax = 4;
    public const int BytesMax = 1 << 20;

    protected override (int Calls, long Bytes)? LoadMax => (CallsMax, BytesMax);
}

/// <summary>What is more than the gateway does at once is refused before anything of it has happened, and is said when to be tried again.</summary>
public sealed class GatewayLoadTests(NarrowHost host) : IClassFixture<NarrowHost>
{
    [Fact]
    public async Task A_call_beyond_those_at_once_is_throttled_and_is_done_when_there_is_room()
    {
        host.Bind(ServiceKind.Queue, "busy", 1, "local");
        var queue = (IQueueDriver)await Open(ServiceKind.Queue, "busy");
        using var stop = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, NarrowHost.CallsMax).Select(_ => Wait(queue, stop.Token)).ToList();

        FuryException? refused = null;
        await Eventually.True(async () => (refused = await Record.ExceptionAsync(() => Depth(queue)) as FuryException) is not null);

        Assert.Equal((FuryErrorCode.Throttled, true, false), (refused!.Code, refused.IsTransient, refused.OutcomeUnknown));
        Assert.True(refused.RetryAfter > TimeSpan.Zero);
        await stop.CancelAsync();
        await Task.WhenAll(waiting);
        // Those who have left are not among them any more.
        await Eventually.True(async () => await Record.ExceptionAsync(() => Depth(queue)) is null);
        await queue.SendAsync(new DriverMessage("1", new byte[1], new Dictionary<string, string>()), default);
        Assert.Single(await queue.ReceiveAsync(QueueSide.Main, 1, TimeSpan.FromMinutes(1), TimeSpan.Zero, default));
    }

    [Fact]
    public async Task A_request_that_is_larger_than_what_has_room_is_throttled_before_it_is_read()
    {
        host.Bind(ServiceKind.Objects, "large", 1, "torn");
        var bucket = (IObjectDriver)await Open(ServiceKind.Objects, "large");
        var (headers, asked) = (new ObjectHeaders("text/plain", new Dictionary<string, string>()), host.Asked);

        var refused = await Assert.ThrowsAsync<FuryException>(async () =>
            await bucket.PutAsync("a", new byte[2 * NarrowHost.BytesMax], headers, default, WriteCondition.None, default));

        Assert.Equal((FuryErrorCode.Throttled, true, false), (refused.Code, refused.IsTransient, refused.OutcomeUnknown));
        Assert.True(refused.RetryAfter > TimeSpan.Zero);
        Assert.Equal(asked, host.Asked);
        Assert.True((await bucket.PutAsync("a", new byte[NarrowHost.BytesMax / 2], headers, default, WriteCondition.None, default)).Applied);
    }

    [Fact]
    public async Task Of_many_at_once_those_that_are_refused_come_later_and_nothing_is_lost_or_done_twice()
    {
        const int Callers = 48;
        host.Bind(ServiceKind.Sequences, "many", 1, "local");
        await using var app = new GatewayApp(host);
        var numbers = await app.Open(ServiceKind.Sequences, "many", fury => fury.Sequences("many"));
        ConcurrentBag<long> given = [];
        ConcurrentBag<FuryException> refused = [];

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            for (var isDone = false; !isDone;)
            {
                try
                {
                    given.Add(await numbers.NextAsync("n"));
                    isDone = true;
                }
                catch (FuryException busy) when (busy.Code == FuryErrorCode.Throttled)
                {
                    refused.Add(busy);
                    await Task.Delay(busy.RetryAfter!.Value / 4);
                }
            }
        })));

        Assert.All(refused, busy => Assert.False(busy.OutcomeUnknown));
        Assert.Equal(Callers, given.Distinct().Count());
        await Eventually.True(async () => await Record.ExceptionAsync(async () => await numbers.PeekAsync("n")) is null);
        Assert.Equal(given.Max(), await numbers.PeekAsync("n"));
    }

    /// <summary>Takes one of the places, as soon as there is one.</summary>
    private static async Task Wait(IQueueDriver queue, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Record.ExceptionAsync(async () => await queue.ReceiveAsync(QueueSide.Main, 1, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(30), stop));
        }
    }

    private static async Task Depth(IQueueDriver queue) => await queue.GetDepthAsync(default);

    private async Task<IDriver> Open(ServiceKind kind, string service)
    {
        var context = new DriverContext(
            service, new ServiceRoute(GatewayProtocol.Name, GatewayProtocol.Name, null, "local", service), TimeProvider.System)
        {
            Epoch = 1,
        };
        IDriver? driver = null;
        await Eventually.True(async () => await Record.ExceptionAsync(
            async () => driver = await host.Drivers().Single(each => each.Kind == kind).OpenAsync(context, default)) is null);
        return driver!;
    }
}
