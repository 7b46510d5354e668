using Fury.Sdk.Messaging;
using static Fury.Sdk.Conformance.Contract.QueueContract;
using static Fury.Sdk.Conformance.Expect;

namespace Fury.Sdk.Conformance.Contract;

internal static class QueueOrderContract
{
    private static readonly Section Queue = new(ServiceKind.Queue, ConformanceLevel.Contract);

    public static IEnumerable<ConformanceTest> Tests =>
    [
        Queue.Core("queue: a dead letter keeps what it was and why", async run =>
        {
            var queue = await Sent(run, "bad");
            var message = NotNull(await One(queue));
            await message.DeadLetterAsync("no such customer");
            True(await One(queue) is null);
            await using var dead = NotNull(await OneDead(queue));
            Equal((message.Id, "bad", "no such customer"), (dead.Id, Text(dead.Body), dead.DeadLetterReason));
            await dead.CompleteAsync();
            True(await OneDead(queue) is null);
        }),
        Queue.Core("queue: what fails too often is put aside", async run =>
        {
            var queue = await run.Queue(new QueueOptions { MaxDeliveries = 2 });
            await queue.SendAsync(new OutgoingMessage(Bytes("poison")));
            await NotNull(await One(queue)).AbandonAsync();
            await NotNull(await One(queue)).AbandonAsync();
            True(await One(queue) is null);
            Equal("poison", Text(NotNull(await OneDead(queue)).Body));
        }),
        Queue.With(MessagingCapabilities.Redrive, "queue: dead letters are redriven by choice", async run =>
        {
            var queue = await Sent(run, "a", "b", "c");
            for (var index = 0; index < 3; index++)
            {
                await NotNull(await One(queue)).DeadLetterAsync("test");
            }

            Equal(2L, await queue.DeadLetters.RedriveAsync(message => Text(message.Body) != "b"));
            List<string> back = [];
            while (await One(queue) is { } message)
            {
                Equal(1, message.DeliveryCount);
                back.Add(Text(message.Body));
                await message.CompleteAsync();
            }

            Sequence(["a", "c"], back.Order());
            Equal("b", Text(NotNull(await OneDead(queue)).Body));
        }),
        Queue.With(MessagingCapabilities.OrderingKey, "queue: of one key one message is out, in order", async run =>
        {
            var queue = await Keyed(run);
            var first = NotNull(await One(queue));
            Equal("a1", Text(first.Body));
            await using var other = NotNull(await One(queue));
            Equal("b1", Text(other.Body));
            True(await One(queue) is null);
            await first.CompleteAsync();
            Equal("a2", Text(NotNull(await One(queue)).Body));
        }),
        Queue.With(MessagingCapabilities.OrderingKey, "queue: one batch holds one message of a key", async run =>
        {
            var queue = await Keyed(run);
            var batch = await queue.ReceiveAsync(new ReceiveOptions { MaxMessages = 10, Wait = TimeSpan.Zero });
            Sequence(["a1", "b1"], batch.Select(message => Text(message.Body)).Order());
        }),
        Queue.With(MessagingCapabilities.OrderingKey, "queue: an abandoned message is still before those after it", async run =>
        {
            var queue = await Keyed(run);
            await NotNull(await One(queue)).AbandonAsync();
            Equal("a1", Text(NotNull(await One(queue)).Body));
        }),
        Queue.With([MessagingCapabilities.OrderingKey, MessagingCapabilities.Delay], "queue: a key waits for its delayed message", async run =>
        {
            var queue = await Keyed(run);
            await NotNull(await One(queue)).AbandonAsync(TimeSpan.FromSeconds(2));
            Equal("b1", Text(NotNull(await One(queue)).Body));
            True(await One(queue) is null);
            await run.Advance(TimeSpan.FromSeconds(1.9));
            await run.Advance(TimeSpan.FromSeconds(0.3));
            Equal("a1", Text(NotNull(await One(queue)).Body));
        }),
        Queue.With(MessagingCapabilities.OrderingKey, "queue: a dead letter lets its key go on", async run =>
        {
            var queue = await Keyed(run);
            await NotNull(await One(queue)).DeadLetterAsync("bad");
            Equal("a2", Text(NotNull(await One(queue)).Body));
        }),
        Queue.With([MessagingCapabilities.OrderingKey, MessagingCapabilities.Delay], "queue: a blocked key stays behind its poison", async run =>
        {
            var queue = await run.Queue(new QueueOptions { MaxDeliveries = 1, OnPoison = OrderedPoison.BlockKey });
            await queue.SendAsync(new OutgoingMessage(Bytes("a1")) { OrderingKey = "a" });
            await queue.SendAsync(new OutgoingMessage(Bytes("a2")) { OrderingKey = "a" });
            await NotNull(await One(queue)).AbandonAsync();
            True(await One(queue) is null);
            True(await One(queue) is null);
            True(await OneDead(queue) is null);
        }),
    ];

    private static async Task<MessageQueue> Keyed(ConformanceRun run)
    {
        var queue = await run.Queue();
        foreach (var body in new[] { "a1", "a2", "b1" })
        {
            await queue.SendAsync(new OutgoingMessage(Bytes(body)) { OrderingKey = body[..1] });
        }

        return queue;
    }

    private static async Task<ReceivedMessage?> OneDead(MessageQueue queue) =>
        (await queue.DeadLetters.ReceiveAsync(new ReceiveOptions { Wait = TimeSpan.Zero })).SingleOrDefault();
}
