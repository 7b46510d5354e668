namespace Fury.Sdk.Messaging;

public enum HandleOutcome
{
    Complete = 0,

    /// <summary>Again later, after the back-off.</summary>
    Retry = 1,
    DeadLetter = 2,
}

/// <summary>Handles the messages of a queue. An exception is a <see cref="HandleOutcome.Retry"/>.</summary>
public interface IMessageHandler<in T>
{
    /// <param name="cancellationToken">The application stops, or the message is no longer yours, or the time for it is over.</param>
    Task<HandleOutcome> HandleAsync(T message, MessageContext context, CancellationToken cancellationToken);
}

/// <summary>What came with a message.</summary>
public sealed record MessageContext(
    string Queue, string MessageId, int DeliveryCount, string? OrderingKey, DateTimeOffset EnqueuedAt, IReadOnlyDictionary<string, string> Attributes);

/// <summary>How a handler is run.</summary>
public sealed record QueueHandlerOptions
{
    /// <summary>1 to 1000 messages at the same time.</summary>
    public int MaxConcurrency { get; init; } = 16;

    /// <summary>Renewed by itself while a message is handled.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A handler that takes longer is cancelled, and the message tried again.</summary>
    public TimeSpan MaxHandlingTime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>After the first failure; twice as long after each further one.</summary>
    public TimeSpan MinBackoff { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The name of a key-value store that remembers what was handled for a day, so that a second delivery of a message, also by another provider,
    /// is not handled again. Null: none.
    /// </summary>
    public string? Inbox { get; init; }

    /// <summary>How long handlers may go on when the application stops.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(25);
}
