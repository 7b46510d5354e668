using System.Diagnostics;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Messaging;

internal sealed class PortableMessageTopic : MessageTopic
{
    private static readonly Operation Publish = new("publish", Effect.Once, ActivityKind.Producer);
    private static readonly Operation PublishOnce = new("publish", Effect.Idempotent, ActivityKind.Producer);

    private readonly ServiceChannel<ITopicDriver> _channel;
    private readonly ClaimCheck? _large;

    /// <param name="large">Where large bodies are kept; null: nowhere.</param>
    public PortableMessageTopic(ServiceChannel<ITopicDriver> channel, ClaimCheck? large)
        : base(channel.Service)
    {
        (_channel, _large) = (channel, large);
        Follow(channel);
    }

    public override async Task<SendReceipt> PublishAsync(OutgoingMessage message, CancellationToken cancellationToken = default)
    {
        MessageChecks.Message(message, _large);
        if (message.OrderingKey is not null)
        {
            _channel.Require(MessagingCapabilities.OrderingKey, "OrderingKey");
        }

        if (message.DeduplicationId is not null)
        {
            _channel.Require(MessagingCapabilities.Deduplication, "DeduplicationId");
        }

        if (message.Delay > TimeSpan.Zero)
        {
            _channel.Require(MessagingCapabilities.Delay, "Delay");
        }

        var wrapped = MessageEnvelope.Wrap(message, Name, _channel.Clock.GetUtcNow());
        var operation = message.DeduplicationId is null ? Publish : PublishOnce;
        var duplicate = await ClaimCheck.Send(
            _large,
            wrapped,
            (whole, cancellation) => _channel.Invoke(
                operation,
                null,
                whole,
                static async (driver, call, each, stop) => (await driver.PublishAsync(each, stop), call.MayHaveWritten),
                cancellation),
            cancellationToken);
        return new SendReceipt(wrapped.Id, duplicate);
    }
}
