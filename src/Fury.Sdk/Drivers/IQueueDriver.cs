using Fury.Sdk.Messaging;

namespace Fury.Sdk.Drivers;

/// <summary>A message as a provider keeps it.</summary>
/// <param name="Headers">All that came with it, the portable layer's own included.</param>
public sealed record DriverMessage(string Id, ReadOnlyMemory<byte> Body, IReadOnlyDictionary<string, string> Headers)
{
    public string? OrderingKey { get; init; }

    public string? DeduplicationId { get; init; }

    public TimeSpan Delay { get; init; }
}

/// <summary>A message that was leased.</summary>
/// <param name="Token">What settles it; another one for each delivery.</param>
public sealed record DriverDelivery(DriverMessage Message, string Token, int DeliveryCount, DateTimeOffset EnqueuedAt, DateTimeOffset LeaseExpiresAt)
{
    public string? DeadLetterReason { get; init; }
}

public enum QueueSide
{
    Main = 0,
    DeadLetters = 1,
}

/// <summary>
/// Messages with leases. Settling with a token whose lease is over is <see cref="FuryErrorCode.LeaseLost"/>.
/// </summary>
public interface IQueueDriver : IDriver
{
    /// <summary>True when it was dropped as a duplicate.</summary>
    ValueTask<bool> SendAsync(DriverMessage message, CancellationToken cancellation);

    /// <summary>At most so many; waits up to so long for the first.</summary>
    ValueTask<IReadOnlyList<DriverDelivery>> ReceiveAsync(
        QueueSide side, int max, TimeSpan lease, TimeSpan wait, CancellationToken cancellation);

    ValueTask CompleteAsync(QueueSide side, string token, CancellationToken cancellation);

    ValueTask AbandonAsync(QueueSide side, string token, TimeSpan delay, CancellationToken cancellation);

    /// <summary>From the main side to the dead letters, with everything that it came with.</summary>
    ValueTask DeadLetterAsync(string token, string reason, CancellationToken cancellation);

    /// <summary>From the dead letters back to the main side, as if it had been sent now.</summary>
    ValueTask RedriveAsync(string token, CancellationToken cancellation);

    /// <summary>Gives the new end of the lease.</summary>
    ValueTask<DateTimeOffset> RenewAsync(QueueSide side, string token, TimeSpan lease, CancellationToken cancellation);

    ValueTask<QueueDepth> GetDepthAsync(CancellationToken cancellation) => ValueTask.FromResult(new QueueDepth(null, null, null, null));
}

public interface ITopicDriver : IDriver
{
    /// <summary>To every subscription that there is. True when it was dropped as a duplicate.</summary>
    ValueTask<bool> PublishAsync(DriverMessage message, CancellationToken cancellation);
}
