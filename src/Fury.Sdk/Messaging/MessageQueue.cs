namespace Fury.Sdk.Messaging;

/// <summary>Messages that were put aside.</summary>
public abstract class DeadLetterQueue
{
    /// <summary>Leases them, as from the queue itself. Completing one removes it.</summary>
    public abstract Task<IReadOnlyList<ReceivedMessage>> ReceiveAsync(
        ReceiveOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Puts those that are there now (or those of them that match) back into the queue, and counts them.</summary>
    public abstract Task<long> RedriveAsync(Func<ReceivedMessage, bool>? where = null, CancellationToken cancellationToken = default);
}

/// <summary>
/// Messages that are each handled by one, at least once. A subscription of a topic is a queue named <c>topic/subscription</c>.
/// </summary>
public abstract class MessageQueue(string name) : FuryService(name)
{
    public abstract DeadLetterQueue DeadLetters { get; }

    public abstract Task<SendReceipt> SendAsync(OutgoingMessage message, CancellationToken cancellationToken = default);

    /// <summary>At most 100, each by itself; those of one ordering key in their order. The key of an item is its index.</summary>
    public abstract Task<IReadOnlyList<BatchItem<int, SendReceipt>>> SendManyAsync(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken = default);

    /// <summary>Empty when there was none within <see cref="ReceiveOptions.Wait"/>.</summary>
    public abstract Task<IReadOnlyList<ReceivedMessage>> ReceiveAsync(
        ReceiveOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>One after the other, until cancelled. Those that were fetched and not given out are abandoned then.</summary>
    public abstract IAsyncEnumerable<ReceivedMessage> ReadAllAsync(
        ReceiveOptions? options = null, CancellationToken cancellationToken = default);

    public abstract ValueTask<QueueDepth> GetDepthAsync(CancellationToken cancellationToken = default);
}

/// <summary>Messages that every subscription gets.</summary>
public abstract class MessageTopic(string name) : FuryService(name)
{
    public abstract Task<SendReceipt> PublishAsync(OutgoingMessage message, CancellationToken cancellationToken = default);
}
