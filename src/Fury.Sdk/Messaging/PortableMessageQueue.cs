using System.Diagnostics;
using System.Runtime.CompilerServices;
using Fury.Sdk.Checks;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Messaging;

/// <summary>The semantics of a queue over whatever driver stands behind it.</summary>
internal sealed class PortableMessageQueue : MessageQueue
{
    private static readonly Operation Send = new("send", Effect.Once, ActivityKind.Producer);
    private static readonly Operation SendOnce = new("send", Effect.Idempotent, ActivityKind.Producer);
    private static readonly Operation Depth = new("get-depth", Effect.Read);

    private readonly ServiceChannel<IQueueDriver> _channel;
    private readonly QueueReceiver _receiver;
    private readonly ClaimCheck? _large;

    /// <param name="large">Where large bodies are kept; null: nowhere.</param>
    public PortableMessageQueue(ServiceChannel<IQueueDriver> channel, QueueOptions options, ClaimCheck? large)
        : base(channel.Service)
    {
        (_channel, _large) = (channel, large);
        _receiver = new QueueReceiver(channel, QueueSide.Main, options, large);
        DeadLetters = new PortableDeadLetters(channel, new QueueReceiver(channel, QueueSide.DeadLetters, options, large));
        Follow(channel);
    }

    public override DeadLetterQueue DeadLetters { get; }

    public override async Task<SendReceipt> SendAsync(OutgoingMessage message, CancellationToken cancellationToken = default)
    {
        MessageChecks.Message(message, _large);
        if (_channel.Service.Contains('/'))
        {
            throw Failure.Invalid($"'{_channel.Service}' is a subscription, which is only read; publish to its topic.");
        }

        Needs(message);
        var wrapped = MessageEnvelope.Wrap(message, Name, _channel.Clock.GetUtcNow());
        var operation = message.DeduplicationId is null ? Send : SendOnce;
        var duplicate = await ClaimCheck.Send(
            _large,
            wrapped,
            (whole, cancellation) => _channel.Invoke(
                operation,
                null,
                whole,
                static async (driver, call, each, stop) => (await driver.SendAsync(each, stop), call.MayHaveWritten),
                cancellation),
            cancellationToken);
        return new SendReceipt(wrapped.Id, duplicate);
    }

    public override async Task<IReadOnlyList<BatchItem<int, SendReceipt>>> SendManyAsync(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken = default)
    {
        Check.NotNull("messages", messages);
        Check.Between("The number of messages", messages.Count, 1, MessageChecks.BatchMax);
        var results = new BatchItem<int, SendReceipt>[messages.Count];
        var failedKeys = new HashSet<string>();
        for (var index = 0; index < results.Length; index++)
        {
            results[index] = await SendOne(index, messages[index], failedKeys, cancellationToken);
        }

        return results;
    }

    public override Task<IReadOnlyList<ReceivedMessage>> ReceiveAsync(
        ReceiveOptions? options = null, CancellationToken cancellationToken = default) =>
        _receiver.Next(options ?? new ReceiveOptions(), cancellationToken);

    public override async IAsyncEnumerable<ReceivedMessage> ReadAllAsync(
        ReceiveOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            IReadOnlyList<ReceivedMessage> messages;
            try
            {
                messages = await ReceiveAsync(options, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                yield break;
            }

            var given = 0;
            try
            {
                while (given < messages.Count && !cancellationToken.IsCancellationRequested)
                {
                    yield return messages[given++];
                }
            }
            finally
            {
                foreach (var kept in messages.Skip(given))
                {
                    await kept.DisposeAsync();
                }
            }
        }
    }

    public override ValueTask<QueueDepth> GetDepthAsync(CancellationToken cancellationToken = default)
    {
        _channel.Require(MessagingCapabilities.Depth, "The depth");
        return _channel.Invoke(Depth, null, 0, static (driver, _, _, stop) => driver.GetDepthAsync(stop), cancellationToken);
    }

    /// <summary>After a failure the later ones of its ordering key are not sent either: they would overtake it.</summary>
    private async Task<BatchItem<int, SendReceipt>> SendOne(
        int index, OutgoingMessage message, HashSet<string> failedKeys, CancellationToken cancellation)
    {
        if (message?.OrderingKey is { } key && failedKeys.Contains(key))
        {
            return new(index, null, new FuryException(FuryErrorCode.Aborted, $"An earlier message of the ordering key {Check.Show(key)} failed."));
        }

        try
        {
            return new(index, await SendAsync(message!, cancellation), null);
        }
        catch (FuryException failure)
        {
            _ = message?.OrderingKey is { } failed && failedKeys.Add(failed);
            return new(index, null, failure);
        }
    }

    private void Needs(OutgoingMessage message)
    {
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
    }
}
