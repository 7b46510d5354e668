using Fury.Sdk.Streams;

namespace Fury.Sdk.Drivers;

/// <param name="Generation">Grows whenever the partition changes hands; what an earlier member sends is refused by it.</param>
public readonly record struct PartitionClaim(long Generation, StreamPosition Checkpoint);

public interface IStreamDriver : IDriver
{
    ValueTask<IReadOnlyList<string>> GetPartitionsAsync(CancellationToken cancellation);

    ValueTask<StreamPosition> AppendAsync(StreamAppend record, CancellationToken cancellation);

    /// <summary>At most so many after the position; waits up to so long for the first.</summary>
    ValueTask<IReadOnlyList<StreamRecord>> ReadAsync(
        string partition, StreamPosition after, int max, TimeSpan wait, CancellationToken cancellation);

    /// <summary>
    /// Takes or keeps a partition for so long, if it is free or this member's already. Null when another member has it.
    /// </summary>
    ValueTask<PartitionClaim?> ClaimAsync(string group, string partition, string member, TimeSpan lease, CancellationToken cancellation);

    ValueTask ReleaseAsync(string group, string partition, string member, CancellationToken cancellation);

    /// <summary>False when the partition has changed hands since that generation. A position before the one that is kept changes nothing.</summary>
    ValueTask<bool> CheckpointAsync(
        string group, string partition, long generation, StreamPosition position, CancellationToken cancellation);
}
