namespace Fury.Sdk.KeyValue;

/// <summary>Get, set, delete and batches are of every store.</summary>
public static class KeyValueCapabilities
{
    /// <summary>Conditions of writes, increments and fences: all that compares before it writes.</summary>
    public static Capability Cas { get; } = new("kv.cas");
    public static Capability TimeToLive { get; } = new("kv.ttl");
    public static Capability PrefixScan { get; } = new("kv.prefix-scan");

    /// <summary>Several keys of one partition at once, all or none.</summary>
    public static Capability PartitionTransaction { get; } = new("kv.partition-transaction");

    /// <summary>A read sees the last write that was answered.</summary>
    public static Capability StrongRead { get; } = new("kv.read-strong");
}
