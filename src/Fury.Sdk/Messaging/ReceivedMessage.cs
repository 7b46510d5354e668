using System.Diagnostics;

namespace Fury.Sdk.Messaging;

/// <summary>
/// A message that is leased to you. Settle it once: complete, abandon or dead-letter. Disposed unsettled, it is abandoned. Settling after the lease
/// was lost throws <see cref="FuryErrorCode.LeaseLost"/>.
/// </summary>
public abstract class ReceivedMessage : IAsyncDisposable
{
    public abstract string Id { get; }

    public abstract string? Type { get; }

    public abstract string ContentType { get; }

    public abstract ReadOnlyMemory<byte> Body { get; }

    public abstract string? OrderingKey { get; }

    public abstract string? CorrelationId { get; }

    public abstract IReadOnlyDictionary<string, string> Attributes { get; }

    /// <summary>1 the first time.</summary>
    public abstract int DeliveryCount { get; }

    public abstract DateTimeOffset EnqueuedAt { get; }

    public abstract DateTimeOffset LeaseExpiresAt { get; }

    /// <summary>Why it is in the dead letters; null elsewhere.</summary>
    public abstract string? DeadLetterReason { get; }

    /// <summary>The trace of who sent it.</summary>
    public abstract ActivityContext Trace { get; }

    /// <summary>Cancelled when the lease is over: another may have the message now.</summary>
    public abstract CancellationToken LeaseLost { get; }

    /// <summary>It is done and gone.</summary>
    public abstract Task CompleteAsync(CancellationToken cancellationToken = default);

    /// <summary>It is given again, now or later.</summary>
    public abstract Task AbandonAsync(TimeSpan? visibleAfter = null, CancellationToken cancellationToken = default);

    /// <summary>It goes to the dead letters.</summary>
    public abstract Task DeadLetterAsync(string reason, CancellationToken cancellationToken = default);

    /// <summary>The lease ends so long from now; up to 12 h.</summary>
    public abstract Task RenewAsync(TimeSpan lease, CancellationToken cancellationToken = default);

    public abstract ValueTask DisposeAsync();
}
