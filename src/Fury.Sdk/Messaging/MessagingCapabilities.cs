namespace Fury.Sdk.Messaging;

/// <summary>Send, receive, complete, abandon and dead-letter are of every queue.</summary>
public static class MessagingCapabilities
{
    /// <summary>Of messages with one key, one is out at a time, in the order of sending.</summary>
    public static Capability OrderingKey { get; } = new("queue.ordering-key");
    public static Capability Delay { get; } = new("queue.delay");
    public static Capability Deduplication { get; } = new("queue.deduplication");
    public static Capability Renew { get; } = new("queue.lease-renew");
    public static Capability Redrive { get; } = new("queue.redrive");
    public static Capability TimeToLive { get; } = new("queue.message-ttl");
    public static Capability Depth { get; } = new("queue.depth");

    /// <summary>A subscription gets only messages with certain attributes.</summary>
    public static Capability Filter { get; } = new("topic.filter-attributes");
}
