namespace Fury.Sdk.Drivers;

/// <summary>What other nodes must forget: a key, all with a tag, or, where neither is named, everything.</summary>
public readonly record struct CacheInvalidation(string? Key, string? Tag);

public interface ICacheDriver : IDriver
{
    ValueTask<ReadOnlyMemory<byte>?> GetAsync(string key, CancellationToken cancellation);

    ValueTask SetAsync(
        string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive, IReadOnlyCollection<string> tags, CancellationToken cancellation);

    ValueTask RemoveAsync(string key, CancellationToken cancellation);

    ValueTask RemoveByTagAsync(string tag, CancellationToken cancellation);

    ValueTask<long> IncrementAsync(string key, long delta, TimeSpan timeToLive, CancellationToken cancellation);

    /// <summary>
    /// Sets and removals by anyone from now on, as soon as they are known, until cancelled. Whoever begins to listen later than it was asked, as a
    /// connection has to be made first, says so first, by one that names nothing: until then nobody has heard what has changed.
    /// </summary>
    IAsyncEnumerable<CacheInvalidation> WatchAsync(CancellationToken cancellation);
}
