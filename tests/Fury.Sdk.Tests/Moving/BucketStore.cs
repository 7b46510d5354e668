using System.Text;
using System.Text.Json.Serialization.Metadata;
using Fury.Sdk.KeyValue;
using Fury.Sdk.Objects;

namespace Fury.Sdk.Tests.Moving;

/// <summary>A bucket as a store of small values, so that what is done to a store can be done to it, and its answers be judged as a store's.</summary>
internal sealed class BucketStore(ObjectBucket bucket) : KeyValueStore(bucket.Name)
{
    public override async ValueTask<KvEntry?> GetAsync(KvKey key, CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        await using var opened = await bucket.OpenReadAsync(PathOf(key), null, cancellationToken);
        if (opened is null)
        {
            return null;
        }

        using var bytes = new MemoryStream();
        await opened.Content.CopyToAsync(bytes, cancellationToken);
        return new KvEntry(key, bytes.ToArray(), opened.Properties.ETag, null);
    }

    public override async Task<ETag> SetAsync(
        KvKey key, ReadOnlyMemory<byte> value, KvWriteOptions? options = null, CancellationToken cancellationToken = default) =>
        (await bucket.WriteAsync(PathOf(key), value, new ObjectWriteOptions { Condition = options?.Condition ?? default }, cancellationToken)).ETag;

    public override async Task<KvAttempt> TrySetAsync(
        KvKey key, ReadOnlyMemory<byte> value, KvWriteOptions options, CancellationToken cancellationToken = default)
    {
        try
        {
            return new KvAttempt(true, await SetAsync(key, value, options, cancellationToken));
        }
        catch (FuryException refused) when (!refused.OutcomeUnknown && refused.Code is (FuryErrorCode.AlreadyExists or FuryErrorCode.PreconditionFailed))
        {
            return new KvAttempt(false, refused.CurrentETag);
        }
    }

    public override Task<bool> DeleteAsync(KvKey key, WriteCondition condition = default, CancellationToken cancellationToken = default) =>
        bucket.DeleteAsync(PathOf(key), condition, cancellationToken);

    public override async Task<long> IncrementAsync(
        KvKey key, long delta = 1, KvWriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var there = await GetAsync(key, null, cancellationToken);
            var sum = (there is null ? 0 : long.Parse(Encoding.UTF8.GetString(there.Value.Span))) + delta;
            var condition = there is null ? WriteCondition.IfAbsent : WriteCondition.IfMatch(there.ETag);
            var bytes = Encoding.UTF8.GetBytes($"{sum}");
            if ((await TrySetAsync(key, bytes, new KvWriteOptions { Condition = condition }, cancellationToken)).Applied)
            {
                return sum;
            }
        }
    }

    public override Task<IReadOnlyList<BatchItem<KvKey, KvEntry?>>> GetManyAsync(
        IReadOnlyList<KvKey> keys, CallOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public override Task<IReadOnlyList<BatchItem<KvKey, ETag?>>> WriteManyAsync(
        IReadOnlyList<KvOperation> operations, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public override Task<IReadOnlyList<ETag?>> TransactAsync(
        IReadOnlyList<KvOperation> operations, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public override Task<bool> TouchAsync(KvKey key, TimeSpan timeToLive, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public override Paged<KvEntry> Scan(string partition, string? sortPrefix = null) => throw new NotSupportedException();

    public override Task<KvEntry<T>> UpdateAsync<T>(
        KvKey key, Func<T?, T> change, JsonTypeInfo<T> json, KvWriteOptions? options = null, CancellationToken cancellationToken = default)
        where T : default => throw new NotSupportedException();

    public override ValueTask<KvEntry<T>?> GetAsync<T>(
        KvKey key, JsonTypeInfo<T> json, CallOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public override Task<ETag> SetAsync<T>(
        KvKey key, T value, JsonTypeInfo<T> json, KvWriteOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    private static string PathOf(KvKey key) => key.Sort is null ? key.Partition : $"{key.Partition}/{key.Sort}";
}
