using System.Globalization;
using Fury.Sdk.Drivers;
using Fury.Sdk.Messaging;

namespace Fury.Sdk.Redis;

/// <summary>
/// Leased messages are those that may be given later, under a token. A resource <c>TOPIC/NAME</c> is a subscription: the first binding lets the topic
/// know, and it stays.
/// </summary>
internal sealed class RedisQueue(DriverContext context) : RedisDriver(context), IQueueDriver
{
    private static readonly Polling Looks = new(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(100));

    private readonly string _resource = context.Route.Resource;
    private readonly IReadOnlyDictionary<string, string> _filter = context.Filter;

    public override CapabilitySet Declared { get; } = CapabilitySet.Native(
        MessagingCapabilities.OrderingKey,
        MessagingCapabilities.Delay,
        MessagingCapabilities.Deduplication,
        MessagingCapabilities.Renew,
        MessagingCapabilities.Redrive,
        MessagingCapabilities.TimeToLive,
        MessagingCapabilities.Depth,
        MessagingCapabilities.Filter);

    private ReadOnlyMemory<byte>[] Keys => [Part(Of(_resource))];

    public override async ValueTask ProbeAsync(CancellationToken cancellation)
    {
        if (_resource.IndexOf('/') is > 0 and var slash)
        {
            var topic = RedisTopic.Of(_resource[..slash]);
            await Ask(cancellation, Part("HSET"), Part(topic + "subscriptions"), Part(Of(_resource)), HeadersJson.Write(_filter));
        }
        else
        {
            await base.ProbeAsync(cancellation);
        }
    }

    public async ValueTask<bool> SendAsync(DriverMessage message, CancellationToken cancellation) =>
        (await Run(RedisMessages.Send, Keys, Arguments(message), cancellation)).Number == 1;

    public ValueTask<IReadOnlyList<DriverDelivery>> ReceiveAsync(
        QueueSide side, int max, TimeSpan lease, TimeSpan wait, CancellationToken cancellation) =>
        Looks.FindAsync(() => Take(side, max, lease, cancellation), wait, Clock, cancellation);

    public ValueTask CompleteAsync(QueueSide side, string token, CancellationToken cancellation) =>
        Settle(RedisMessages.Complete, side, token, default, cancellation);

    public ValueTask AbandonAsync(QueueSide side, string token, TimeSpan delay, CancellationToken cancellation) =>
        Settle(RedisMessages.Abandon, side, token, Ms(delay), cancellation);

    public ValueTask DeadLetterAsync(string token, string reason, CancellationToken cancellation) =>
        Settle(RedisMessages.PutAside, QueueSide.Main, token, Part(reason), cancellation);

    public ValueTask RedriveAsync(string token, CancellationToken cancellation) =>
        Settle(RedisMessages.Redrive, QueueSide.DeadLetters, token, default, cancellation);

    public async ValueTask<DateTimeOffset> RenewAsync(QueueSide side, string token, TimeSpan lease, CancellationToken cancellation)
    {
        var end = Clock.GetUtcNow() + lease;
        await Settle(RedisMessages.Renew, side, token, Ms(lease), cancellation);
        return end;
    }

    public async ValueTask<QueueDepth> GetDepthAsync(CancellationToken cancellation)
    {
        var counts = (await Run(RedisMessages.Depth, Keys, [], cancellation)).Items!;
        return new QueueDepth(counts[0].Number, counts[1].Number, counts[2].Number, counts[3].Number);
    }

    internal static ReadOnlyMemory<byte>[] Arguments(DriverMessage message) =>
    [
        Part(message.Id),
        message.Body,
        HeadersJson.Write(message.Headers),
        Part(message.OrderingKey ?? ""),
        Part(message.DeduplicationId ?? ""),
        Ms(message.Delay),
    ];

    private async ValueTask<IReadOnlyList<DriverDelivery>> Take(QueueSide side, int max, TimeSpan lease, CancellationToken cancellation)
    {
        var end = Clock.GetUtcNow() + lease;
        var answer = await Run(RedisMessages.Receive, Keys, [Part((long)side), Part(max), Ms(lease)], cancellation);
        return [.. answer.Items!.Select(each => Delivery(each.Items!, end))];
    }

    private static string Of(string resource) => $"{resource}:queue:";

    private static ReadOnlyMemory<byte> Ms(TimeSpan time) => Part((long)Math.Ceiling(time.TotalMilliseconds));

    private static DriverDelivery Delivery(IReadOnlyList<RespValue> fields, DateTimeOffset end)
    {
        // Number, token, id, body, headers, key, deliveries, ms of sending, reason.
        var message = new DriverMessage(fields[2].Text, fields[3].Bytes, HeadersJson.Read(fields[4].Bytes.Span))
        {
            OrderingKey = fields[5].Bytes.IsEmpty ? null : fields[5].Text,
        };
        var sent = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(fields[7].Text, CultureInfo.InvariantCulture));
        return new DriverDelivery(
            message, $"{fields[0].Text}.{fields[1].Text}", int.Parse(fields[6].Text, CultureInfo.InvariantCulture), sent, end)
        {
            DeadLetterReason = fields[8].IsNull ? null : fields[8].Text,
        };
    }

    private async ValueTask Settle(
        RedisScript script, QueueSide side, string token, ReadOnlyMemory<byte> more, CancellationToken cancellation)
    {
        var dot = token.IndexOf('.');
        if ((await Run(script, Keys, [Part((long)side), Part(token[..dot]), Part(token[(dot + 1)..]), more], cancellation)).Number == 0)
        {
            throw Failure.LeaseLost("the message");
        }
    }
}

internal sealed class RedisTopic(DriverContext context) : RedisDriver(context), ITopicDriver
{
    private readonly ReadOnlyMemory<byte>[] _keys = [Part(Of(context.Route.Resource))];

    public override CapabilitySet Declared { get; } = CapabilitySet.Native(
        MessagingCapabilities.OrderingKey,
        MessagingCapabilities.Delay,
        MessagingCapabilities.Deduplication,
        MessagingCapabilities.Filter);

    public async ValueTask<bool> PublishAsync(DriverMessage message, CancellationToken cancellation) =>
        (await Run(RedisMessages.Publish, _keys, RedisQueue.Arguments(message), cancellation)).Number == 1;

    internal static string Of(string resource) => $"{resource}:topic:";
}
