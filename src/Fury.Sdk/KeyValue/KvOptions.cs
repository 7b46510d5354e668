using Fury.Sdk.Coordination;

namespace Fury.Sdk.KeyValue;

public record KvWriteOptions : CallOptions
{
    public WriteCondition Condition { get; init; }

    /// <summary>1 ms to 10 years; null: it stays.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>
    /// The lock under which is written: refused (<see cref="FuryErrorCode.FencedOff"/>) when a later holder has written the key. The key remembers
    /// the token with its value, so whoever shares a fenced key writes it with a fence each time.
    /// </summary>
    public LockLease? Fence { get; init; }
}

/// <summary>One write of a batch or a transaction.</summary>
public abstract record KvOperation(KvKey Key, WriteCondition Condition);

public sealed record KvPut(KvKey Key, ReadOnlyMemory<byte> Value, WriteCondition Condition = default, TimeSpan? TimeToLive = null)
    : KvOperation(Key, Condition);

public sealed record KvDelete(KvKey Key, WriteCondition Condition = default) : KvOperation(Key, Condition);

/// <summary>Changes nothing; the transaction happens only if the condition holds.</summary>
public sealed record KvCheck(KvKey Key, WriteCondition Condition) : KvOperation(Key, Condition);
