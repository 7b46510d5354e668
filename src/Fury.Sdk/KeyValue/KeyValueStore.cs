using System.Text.Json.Serialization.Metadata;

namespace Fury.Sdk.KeyValue;

/// <summary>Small values by key. Values are at most 256 KiB.</summary>
public abstract class KeyValueStore(string name) : FuryService(name)
{
    /// <summary>Null when there is nothing, or nothing any more.</summary>
    public abstract ValueTask<KvEntry?> GetAsync(KvKey key, CallOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Writes, and gives the new revision. A condition that does not hold throws.</summary>
    /// <exception cref="FuryException">
    /// <see cref="FuryErrorCode.AlreadyExists"/> or <see cref="FuryErrorCode.PreconditionFailed"/> with <see cref="FuryException.CurrentETag"/>;
    /// <see cref="FuryErrorCode.FencedOff"/>.
    /// </exception>
    public abstract Task<ETag> SetAsync(
        KvKey key, ReadOnlyMemory<byte> value, KvWriteOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>As <see cref="SetAsync(KvKey,ReadOnlyMemory{byte},KvWriteOptions,CancellationToken)"/>, but a condition that fails is an answer.</summary>
    public abstract Task<KvAttempt> TrySetAsync(
        KvKey key, ReadOnlyMemory<byte> value, KvWriteOptions options, CancellationToken cancellationToken = default);

    /// <summary>False when there was nothing. With a condition that does not hold it throws.</summary>
    public abstract Task<bool> DeleteAsync(KvKey key, WriteCondition condition = default, CancellationToken cancellationToken = default);

    /// <summary>In the order of the keys; at most 100.</summary>
    public abstract Task<IReadOnlyList<BatchItem<KvKey, KvEntry?>>> GetManyAsync(
        IReadOnlyList<KvKey> keys, CallOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Each by itself, in no order; at most 100. The result of a put is its new revision.</summary>
    public abstract Task<IReadOnlyList<BatchItem<KvKey, ETag?>>> WriteManyAsync(
        IReadOnlyList<KvOperation> operations, CancellationToken cancellationToken = default);

    /// <summary>All or none, of one partition; 1 to 25, each of another key. Gives the new revisions (null for what is no put), in their order.</summary>
    public abstract Task<IReadOnlyList<ETag?>> TransactAsync(
        IReadOnlyList<KvOperation> operations, CancellationToken cancellationToken = default);

    /// <summary>
    /// Adds to a whole number (absent counts as 0) and gives the sum. A repeated call after <see cref="FuryException.OutcomeUnknown"/> may count twice.
    /// </summary>
    public abstract Task<long> IncrementAsync(
        KvKey key, long delta = 1, KvWriteOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Gives what is there another time to live; false when there is nothing.</summary>
    public abstract Task<bool> TouchAsync(KvKey key, TimeSpan timeToLive, CancellationToken cancellationToken = default);

    /// <summary>The entries of a partition whose sort part begins so, ordered by the bytes of the sort part.</summary>
    public abstract Paged<KvEntry> Scan(string partition, string? sortPrefix = null);

    /// <summary>Reads, changes and writes until no one else wrote in between. The function may run several times; null is what is absent.</summary>
    public abstract Task<KvEntry<T>> UpdateAsync<T>(
        KvKey key, Func<T?, T> change, JsonTypeInfo<T> json, KvWriteOptions? options = null, CancellationToken cancellationToken = default);

    public abstract ValueTask<KvEntry<T>?> GetAsync<T>(
        KvKey key, JsonTypeInfo<T> json, CallOptions? options = null, CancellationToken cancellationToken = default);

    public abstract Task<ETag> SetAsync<T>(
        KvKey key, T value, JsonTypeInfo<T> json, KvWriteOptions? options = null, CancellationToken cancellationToken = default);
}
