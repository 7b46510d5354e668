namespace Fury.Sdk.Objects;

/// <summary>Read, write, ranges, listing, metadata, deleting and copying are of every bucket.</summary>
public static class ObjectCapabilities
{
    public static Capability ConditionalCreate { get; } = new("objects.create-if-absent");
    public static Capability ConditionalUpdate { get; } = new("objects.update-if-match");

    /// <summary>Another ETag after every write, also of the same content.</summary>
    public static Capability UniqueETag { get; } = new("objects.etag-unique");

    /// <summary>A listing shows the last write that was answered.</summary>
    public static Capability StrongListing { get; } = new("objects.list-strong");

    /// <summary>Addresses with which others read or write without credentials.</summary>
    public static Capability AccessUrl { get; } = new("objects.access-url");
    public static Capability TimeToLive { get; } = new("objects.ttl");

    /// <summary>The SHA-256 is kept with the object, so that full reads are verified.</summary>
    public static Capability Checksum { get; } = new("objects.sha256");
}
