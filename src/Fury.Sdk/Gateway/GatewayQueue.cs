using Fury.Sdk.Drivers;
using Fury.Sdk.Messaging;

namespace Fury.Sdk.Gateway;

/// <summary>A queue behind the gateway.</summary>
internal sealed class GatewayQueue(GatewayLine line) : GatewayDriver(line), IQueueDriver
{
    public ValueTask<bool> SendAsync(DriverMessage message, CancellationToken cancellation) => Line.Ask(
        "send", QueueWire.Message(new WireWriter(), message), static from => from.Yes(), cancellation);

    public async ValueTask<IReadOnlyList<DriverDelivery>> ReceiveAsync(
        QueueSide side, int max, TimeSpan lease, TimeSpan wait, CancellationToken cancellation) => await Line.Ask(
        "receive",
        new WireWriter().Number((long)side).Number(max).Span(lease).Span(wait),
        static from => from.List(QueueWire.Delivery),
        cancellation);

    public async ValueTask CompleteAsync(QueueSide side, string token, CancellationToken cancellation) =>
        await Line.Do("complete", new WireWriter().Number((long)side).Text(token), cancellation);

    public async ValueTask AbandonAsync(QueueSide side, string token, TimeSpan delay, CancellationToken cancellation) =>
        await Line.Do("abandon", new WireWriter().Number((long)side).Text(token).Span(delay), cancellation);

    public async ValueTask DeadLetterAsync(string token, string reason, CancellationToken cancellation) =>
        await Line.Do("dead-letter", new WireWriter().Text(token).Text(reason), cancellation);

    public async ValueTask RedriveAsync(string token, CancellationToken cancellation) =>
        await Line.Do("redrive", new WireWriter().Text(token), cancellation);

    public ValueTask<DateTimeOffset> RenewAsync(QueueSide side, string token, TimeSpan lease, CancellationToken cancellation) => Line.Ask(
        "renew", new WireWriter().Number((long)side).Text(token).Span(lease), static from => from.Time(), cancellation);

    public ValueTask<QueueDepth> GetDepthAsync(CancellationToken cancellation) => Line.Ask(
        "depth",
        new WireWriter(),
        static from => new QueueDepth(from.NumberOrNull(), from.NumberOrNull(), from.NumberOrNull(), from.NumberOrNull()),
        cancellation);
}

/// <summary>A topic behind the gateway.</summary>
internal sealed class GatewayTopic(GatewayLine line) : GatewayDriver(line), ITopicDriver
{
    public ValueTask<bool> PublishAsync(DriverMessage message, CancellationToken cancellation) => Line.Ask(
        "publish", QueueWire.Message(new WireWriter(), message), static from => from.Yes(), cancellation);
}

/// <summary>What a subscription filters by, in a header: the same for the same attributes.</summary>
internal static class FilterWire
{
    public static string? Write(IReadOnlyDictionary<string, string> filter) => filter.Count == 0 ? null : Convert.ToBase64String(
        new WireWriter()
            .List(filter.OrderBy(each => each.Key, StringComparer.Ordinal).ToList(), static (to, each) => to.Text(each.Key).Text(each.Value))
            .Frame().Span);

    /// <exception cref="FormatException">It is none.</exception>
    public static Dictionary<string, string> Read(string text) => text.Length > GatewayProtocol.FilterBytesMax * 4 / 3
        ? throw new FormatException($"A filter of {text.Length} characters; at most {GatewayProtocol.FilterBytesMax} bytes are right.")
        : Convert.FromBase64String(text) is { Length: >= sizeof(int) } frame
        ? new WireReader(frame.AsMemory(sizeof(int))).Map()
        : throw new FormatException("The frame ends before its fields.");
}

/// <summary>Messages in frames.</summary>
internal static class QueueWire
{
    public static WireWriter Message(WireWriter to, DriverMessage message) => to
        .Text(message.Id)
        .Bytes(message.Body)
        .Map(message.Headers)
        .Text(message.OrderingKey)
        .Text(message.DeduplicationId)
        .Span(message.Delay);

    public static DriverMessage Message(WireReader from) => new(from.Text(), from.Bytes(), from.Map())
    {
        OrderingKey = from.TextOrNull(),
        DeduplicationId = from.TextOrNull(),
        Delay = from.Span(),
    };

    public static WireWriter Delivery(WireWriter to, DriverDelivery each) => Message(to, each.Message)
        .Text(each.Token)
        .Number(each.DeliveryCount)
        .Time(each.EnqueuedAt)
        .Time(each.LeaseExpiresAt)
        .Text(each.DeadLetterReason);

    public static DriverDelivery Delivery(WireReader from) => new(Message(from), from.Text(), from.Int(), from.Time(), from.Time())
    {
        DeadLetterReason = from.TextOrNull(),
    };
}
