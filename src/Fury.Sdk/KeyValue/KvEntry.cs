namespace Fury.Sdk.KeyValue;

/// <param name="ETag">Another one after every write, also of the same value.</param>
/// <param name="ExpiresAt">From then on it is absent, to the millisecond of this machine's clock; null: never.</param>
public sealed record KvEntry(KvKey Key, ReadOnlyMemory<byte> Value, ETag ETag, DateTimeOffset? ExpiresAt);

public sealed record KvEntry<T>(KvKey Key, T Value, ETag ETag, DateTimeOffset? ExpiresAt);

/// <summary>What a conditional write came to.</summary>
/// <param name="Current">The new revision; if it was not applied, the one that stood in its way, null where there was nothing.</param>
public readonly record struct KvAttempt(bool Applied, ETag? Current);
