namespace Fury.Sdk.Streams;

public static class StreamCapabilities
{
    /// <summary>Consumers share the partitions, and positions are kept for them.</summary>
    public static Capability Groups { get; } = new("stream.groups");
}

/// <summary>A place in a partition. Opaque: it is translated when a stream moves.</summary>
public readonly record struct StreamPosition(string Value)
{
    public static StreamPosition Earliest { get; } = new("");

    public override string ToString() => Value.Length == 0 ? "earliest" : Value;
}

/// <param name="Position">Reading on from it gives what comes after this record.</param>
public sealed record StreamRecord(
    string Partition, StreamPosition Position, string Key, ReadOnlyMemory<byte> Body, DateTimeOffset Timestamp,
    IReadOnlyDictionary<string, string> Headers);

/// <summary>A record to be appended. Those with the same key stay in order.</summary>
/// <param name="Body">At most 192 KiB.</param>
public sealed record StreamAppend(string Key, ReadOnlyMemory<byte> Body)
{
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}

/// <summary>A partition while this member of a group has it. Dispose it to let another have it.</summary>
public abstract class StreamPartitionReader : IAsyncDisposable
{
    public abstract string Partition { get; }

    /// <summary>Cancelled when another member has it now; checkpoints are refused from then on.</summary>
    public abstract CancellationToken Revoked { get; }

    /// <summary>Batches in order, from the group's checkpoint on, until cancelled or revoked.</summary>
    public abstract IAsyncEnumerable<IReadOnlyList<StreamRecord>> ReadAsync(CancellationToken cancellationToken = default);

    /// <summary>Says that all up to this position is done. It never goes back. Throws <see cref="FuryErrorCode.LeaseLost"/> once revoked.</summary>
    public abstract Task CheckpointAsync(StreamPosition position, CancellationToken cancellationToken = default);

    public abstract ValueTask DisposeAsync();
}

/// <summary>Records that stay and are read by position; ordered by key, at least once.</summary>
public abstract class EventStream(string name) : FuryService(name)
{
    public abstract Task<StreamPosition> AppendAsync(StreamAppend record, CancellationToken cancellationToken = default);

    /// <summary>At most 500; those of one key in their order.</summary>
    public abstract Task<IReadOnlyList<BatchItem<int, StreamPosition>>> AppendManyAsync(
        IReadOnlyList<StreamAppend> records, CancellationToken cancellationToken = default);

    public abstract Task<IReadOnlyList<string>> GetPartitionsAsync(CancellationToken cancellationToken = default);

    /// <summary>What is in a partition after the position, as far as it goes now.</summary>
    public abstract Paged<StreamRecord> Read(string partition, StreamPosition after = default);

    /// <summary>Partitions as this member of the group gets them, until cancelled.</summary>
    public abstract IAsyncEnumerable<StreamPartitionReader> JoinGroupAsync(string group, CancellationToken cancellationToken = default);
}
