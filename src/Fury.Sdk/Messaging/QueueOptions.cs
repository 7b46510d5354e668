namespace Fury.Sdk.Messaging;

/// <summary>What happens to the other messages of an ordering key after one could not be handled.</summary>
public enum OrderedPoison
{
    /// <summary>It is put aside, and the next one comes.</summary>
    DeadLetterAndContinue = 0,

    /// <summary>It stays where it is, and the others of its key wait until somebody sees to it.</summary>
    BlockKey = 1,
}

/// <summary>How a queue or subscription is read by this application.</summary>
public sealed record QueueOptions
{
    /// <summary>Delivered so often in vain, a message goes to the dead letters. 1 to 1000.</summary>
    public int MaxDeliveries { get; init; } = 10;

    public OrderedPoison OnPoison { get; init; } = OrderedPoison.DeadLetterAndContinue;

    /// <summary>Where bodies above 192 KiB are kept; null: they are refused.</summary>
    public LargeBodyOptions? LargeBodies { get; init; }

    /// <summary>Only for a subscription: it gets the messages that have all these attributes.</summary>
    public IReadOnlyDictionary<string, string> Filter { get; init; } = new Dictionary<string, string>();
}

public sealed record ReceiveOptions
{
    /// <summary>1 to 100.</summary>
    public int MaxMessages { get; init; } = 1;

    /// <summary>How long to wait for the first; up to 20 s.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>1 s to 12 h.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>About how much is in a queue; null is what the provider does not tell.</summary>
public sealed record QueueDepth(long? Visible, long? Leased, long? Delayed, long? DeadLettered);
