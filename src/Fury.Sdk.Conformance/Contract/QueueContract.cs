using System.Text.Json.Serialization;
using Fury.Sdk.Messaging;
using static Fury.Sdk.Conformance.Expect;

namespace Fury.Sdk.Conformance.Contract;

internal static class QueueContract
{
    private static readonly Section Queue = new(ServiceKind.Queue, ConformanceLevel.Contract);

    public static IEnumerable<ConformanceTest> Tests =>
    [
        Queue.Core("queue: a message arrives with all that came with it", async run =>
        {
            var queue = await run.Queue();
            await queue.SendAsync(new OutgoingMessage(Bytes("hello"))
            {
                Id = "id-1",
                Type = "Greeting",
                ContentType = "text/plain",
                CorrelationId = "c-1",
                Attributes = new Dictionary<string, string> { ["Case"] = "Kept", ["x.y-z_1"] = "ключ 🔑" },
            });
            await using var message = NotNull(await One(queue));
            Equal(("id-1", "Greeting", "text/plain", "c-1"), (message.Id, message.Type, message.ContentType, message.CorrelationId));
            Equal(("hello", 1), (Text(message.Body), message.DeliveryCount));
            Sequence(["Case=Kept", "x.y-z_1=ключ 🔑"], message.Attributes.OrderBy(each => each.Key).Select(each => $"{each.Key}={each.Value}"));
            await message.CompleteAsync();
        }),
        Queue.Core("queue: an empty queue gives nothing", async run => True(await One(await run.Queue()) is null)),
        Queue.Core("queue: the largest body is kept whole", async run =>
        {
            var queue = await run.Queue();
            var body = Enumerable.Range(0, MessageChecks.BodyBytesMax).Select(each => (byte)(each * 17)).ToArray();
            await queue.SendAsync(new OutgoingMessage(body));
            await using var message = NotNull(await One(queue));
            True(message.Body.Span.SequenceEqual(body));
            await message.CompleteAsync();
        }),
        Queue.Core("queue: a completed message is gone", async run =>
        {
            var queue = await Sent(run, "1");
            await NotNull(await One(queue)).CompleteAsync();
            await run.Advance(TimeSpan.FromSeconds(2.5));
            True(await One(queue) is null);
        }),
        Queue.Core("queue: a leased message is nobody else's", async run =>
        {
            var queue = await Sent(run, "1");
            await using var message = NotNull(await One(queue));
            True(await One(queue) is null);
        }),
        Queue.Core("queue: a message that is not settled comes back", async run =>
        {
            var queue = await Sent(run, "1");
            var lost = NotNull(await One(queue));
            await run.Advance(TimeSpan.FromSeconds(2.2));
            await using var again = NotNull(await One(queue));
            Equal((lost.Id, 2), (again.Id, again.DeliveryCount));
            await again.CompleteAsync();
        }),
        Queue.Core("queue: settling after the lease is refused", async run =>
        {
            var queue = await Sent(run, "1");
            var late = NotNull(await One(queue));
            await run.Advance(TimeSpan.FromSeconds(2.2));
            var current = NotNull(await One(queue));
            True(late.LeaseLost.IsCancellationRequested);
            await Fails(FuryErrorCode.LeaseLost, () => late.CompleteAsync());
            await current.CompleteAsync();
        }),
        Queue.Core("queue: an abandoned message comes back at once", async run =>
        {
            var queue = await Sent(run, "1");
            await NotNull(await One(queue)).AbandonAsync();
            await using var again = NotNull(await One(queue));
            Equal(2, again.DeliveryCount);
        }),
        Queue.Core("queue: a disposed message is abandoned", async run =>
        {
            var queue = await Sent(run, "1");
            await NotNull(await One(queue)).DisposeAsync();
            NotNull(await One(queue));
        }),
        Queue.Core("queue: a message is settled once", async run =>
        {
            var queue = await Sent(run, "1");
            var message = NotNull(await One(queue));
            await message.CompleteAsync();
            await Fails(FuryErrorCode.InvalidArgument, () => message.AbandonAsync());
        }),
        Queue.With(MessagingCapabilities.Delay, "queue: an abandoned message comes back when it should", async run =>
        {
            var queue = await Sent(run, "1");
            await NotNull(await One(queue)).AbandonAsync(TimeSpan.FromSeconds(2));
            await run.Advance(TimeSpan.FromSeconds(1));
            True(await One(queue) is null);
            await run.Advance(TimeSpan.FromSeconds(1.2));
            NotNull(await One(queue));
        }),
        Queue.With(MessagingCapabilities.Delay, "queue: a delayed message is not early", async run =>
        {
            var queue = await run.Queue();
            await queue.SendAsync(new OutgoingMessage(Bytes("1")) { Delay = TimeSpan.FromSeconds(2) });
            await run.Advance(TimeSpan.FromSeconds(1));
            True(await One(queue) is null);
            await run.Advance(TimeSpan.FromSeconds(1.2));
            NotNull(await One(queue));
        }),
        Queue.With(MessagingCapabilities.Renew, "queue: a renewed lease holds", async run =>
        {
            var queue = await Sent(run, "1");
            await using var message = NotNull(await One(queue));
            await message.RenewAsync(TimeSpan.FromSeconds(6));
            await run.Advance(TimeSpan.FromSeconds(3));
            True(await One(queue) is null);
            True(!message.LeaseLost.IsCancellationRequested);
            await message.CompleteAsync();
        }),
        Queue.With(MessagingCapabilities.Renew, "queue: a lost lease is not renewed", async run =>
        {
            var queue = await Sent(run, "1");
            var late = NotNull(await One(queue));
            await run.Advance(TimeSpan.FromSeconds(2.2));
            await using var current = NotNull(await One(queue));
            await Fails(FuryErrorCode.LeaseLost, () => late.RenewAsync(TimeSpan.FromSeconds(10)));
        }),
        Queue.With(MessagingCapabilities.TimeToLive, "queue: an expired message is not given", async run =>
        {
            var queue = await run.Queue();
            await queue.SendAsync(new OutgoingMessage(Bytes("old")) { TimeToLive = TimeSpan.FromSeconds(1) });
            await queue.SendAsync(new OutgoingMessage(Bytes("new")));
            await run.Advance(TimeSpan.FromSeconds(1.2));
            var message = await One(queue) ?? await One(queue);
            Equal("new", Text(NotNull(message).Body));
            True(await One(queue) is null);
        }),
        Queue.With(MessagingCapabilities.Deduplication, "queue: a second message of one id is dropped", async run =>
        {
            var queue = await run.Queue();
            var message = new OutgoingMessage(Bytes("1")) { DeduplicationId = "once" };
            True(!(await queue.SendAsync(message)).Duplicate);
            True((await queue.SendAsync(message)).Duplicate);
            await NotNull(await One(queue)).CompleteAsync();
            True((await queue.SendAsync(message)).Duplicate);
            True(await One(queue) is null);
        }),
        Queue.Core("queue: a batch says which of it failed", async run =>
        {
            var queue = await run.Queue();
            var sent = await queue.SendManyAsync(
                [new OutgoingMessage(Bytes("1")), new OutgoingMessage(new byte[MessageChecks.BodyBytesMax + 1]), new OutgoingMessage(Bytes("3"))]);
            Sequence([true, false, true], sent.Select(item => item.Succeeded));
            Equal(FuryErrorCode.PayloadTooLarge, sent[1].Error!.Code);
        }),
        Queue.With(MessagingCapabilities.Depth, "queue: the depth tells what is where", async run =>
        {
            var queue = await run.Queue();
            for (var index = 0; index < 4; index++)
            {
                await queue.SendAsync(new OutgoingMessage(Bytes("x")));
            }

            await using var leased = NotNull(await One(queue));
            await NotNull(await One(queue)).DeadLetterAsync("bad");
            var depth = await queue.GetDepthAsync();
            Equal((2L, 1L, 1L), (depth.Visible ?? 2, depth.Leased ?? 1, depth.DeadLettered ?? 1));
        }),
    ];

    /// <summary>The next message, leased for 2 s; null when there is none.</summary>
    public static async Task<ReceivedMessage?> One(MessageQueue queue) =>
        (await queue.ReceiveAsync(new ReceiveOptions { Wait = TimeSpan.Zero, Lease = TimeSpan.FromSeconds(2) })).SingleOrDefault();

    public static async Task<MessageQueue> Sent(ConformanceRun run, params string[] bodies)
    {
        var queue = await run.Queue();
        foreach (var body in bodies)
        {
            await queue.SendAsync(new OutgoingMessage(Bytes(body)));
        }

        return queue;
    }
}

internal sealed record Sample(string Name, int Number);

[JsonSerializable(typeof(Sample))]
internal sealed partial class SampleJson : JsonSerializerContext;
