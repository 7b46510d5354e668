namespace Fury.Sdk.Messaging;

/// <summary>How this application publishes to a topic.</summary>
public sealed record TopicOptions
{
    /// <summary>Where bodies above 192 KiB are kept, for those of all subscriptions; null: they are refused.</summary>
    public LargeBodyOptions? LargeBodies { get; init; }
}
