using Fury.Sdk.Messaging;
using static Fury.Sdk.Conformance.Contract.QueueContract;
using static Fury.Sdk.Conformance.Expect;

namespace Fury.Sdk.Conformance.Contract;

internal static class TopicContract
{
    private static readonly Section Topic = new(ServiceKind.Topic, ConformanceLevel.Contract);

    public static IEnumerable<ConformanceTest> Tests =>
    [
        Topic.Core("topic: every subscription gets each message", async run =>
        {
            var (topic, first, second) = (await Publisher(run), await Subscription(run, "one"), await Subscription(run, "two"));
            await topic.PublishAsync(new OutgoingMessage(Bytes("news")));
            await NotNull(await One(first)).CompleteAsync();
            Equal("news", Text(NotNull(await One(second)).Body));
            True(await One(first) is null);
        }),
        Topic.Core("topic: a message without subscriptions is gone", async run =>
        {
            var topic = await Publisher(run);
            await topic.PublishAsync(new OutgoingMessage(Bytes("early")));
            True(await One(await Subscription(run, "late")) is null);
        }),
        Topic.With(MessagingCapabilities.Filter, "topic: a subscription gets what its filter says", async run =>
        {
            var filter = new QueueOptions { Filter = new Dictionary<string, string> { ["country"] = "ar" } };
            var (topic, filtered, all) = (await Publisher(run), await Subscription(run, "ar", filter), await Subscription(run, "all"));
            foreach (var country in new[] { "br", "ar" })
            {
                await topic.PublishAsync(new OutgoingMessage(Bytes(country)) { Attributes = new Dictionary<string, string> { ["country"] = country } });
            }

            Equal("ar", Text(NotNull(await One(filtered)).Body));
            True(await One(filtered) is null);
            NotNull(await One(all));
            NotNull(await One(all));
        }),
        Topic.With(MessagingCapabilities.Deduplication, "topic: a second message of one id is dropped", async run =>
        {
            var (topic, subscription) = (await Publisher(run), await Subscription(run, "one"));
            var message = new OutgoingMessage(Bytes("1")) { DeduplicationId = "once" };
            await topic.PublishAsync(message);
            True((await topic.PublishAsync(message)).Duplicate);
            await NotNull(await One(subscription)).CompleteAsync();
            True(await One(subscription) is null);
        }),
        Topic.With(MessagingCapabilities.OrderingKey, "topic: a subscription keeps the order of a key", async run =>
        {
            var (topic, subscription) = (await Publisher(run), await Subscription(run, "one"));
            for (var index = 0; index < 3; index++)
            {
                await topic.PublishAsync(new OutgoingMessage(Bytes($"{index}")) { OrderingKey = "k" });
            }

            for (var index = 0; index < 3; index++)
            {
                var message = NotNull(await One(subscription));
                Equal($"{index}", Text(message.Body));
                True(await One(subscription) is null);
                await message.CompleteAsync();
            }
        }),
    ];

    private static Task<MessageTopic> Publisher(ConformanceRun run) => run.Open(ServiceKind.Topic, (fury, name) => fury.Topic(name), "news");

    private static Task<MessageQueue> Subscription(ConformanceRun run, string name, QueueOptions? options = null) =>
        run.Open(ServiceKind.Queue, (fury, full) => fury.Queue(full), $"news/{name}", options);
}
