using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Caching.Hybrid;

namespace Fury.Sdk.Caching;

public static class CacheCapabilities
{
    public static Capability Tags { get; } = new("cache.tags");

    /// <summary>A removal on one node reaches the memory of the others at once; without it, within <see cref="CacheEntryOptions.LocalTimeToLive"/>.</summary>
    public static Capability PushInvalidation { get; } = new("cache.push-invalidation");
}

public sealed record CacheEntryOptions
{
    public TimeSpan TimeToLive { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long this node may answer from its own memory; never longer than <see cref="TimeToLive"/>. Zero: not at all.</summary>
    public TimeSpan LocalTimeToLive { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For so long after its time the old value is given when the new one cannot be made.</summary>
    public TimeSpan StaleOnError { get; init; }
}

/// <summary>The value, if it was there.</summary>
public readonly record struct CacheLookup<T>(bool Found, T? Value);

/// <summary>
/// A <see cref="HybridCache"/> (two levels, one caller at a time makes a value) that also invalidates other nodes' memory, may serve what is stale
/// while the source fails, and can just be asked. It may forget anything at any time.
/// </summary>
public abstract class FuryCache : HybridCache
{
    /// <summary>Name, capabilities and binding.</summary>
    public abstract FuryService Service { get; }

    public abstract ValueTask<CacheLookup<T>> TryGetAsync<T>(
        string key, JsonTypeInfo<T> json, CancellationToken cancellationToken = default);

    /// <summary>As HybridCache's, with the type's JSON at hand and the options that HybridCache lacks.</summary>
    public abstract ValueTask<T> GetOrCreateAsync<T>(
        string key, Func<CancellationToken, ValueTask<T>> factory, JsonTypeInfo<T> json, CacheEntryOptions? options = null,
        IReadOnlyCollection<string>? tags = null, CancellationToken cancellationToken = default);

    public abstract ValueTask SetAsync<T>(
        string key, T value, JsonTypeInfo<T> json, CacheEntryOptions? options = null, IReadOnlyCollection<string>? tags = null,
        CancellationToken cancellationToken = default);

    /// <summary>Adds to a counter that lives so long from its first use, and gives the sum.</summary>
    public abstract ValueTask<long> IncrementAsync(
        string key, long delta, TimeSpan timeToLive, CancellationToken cancellationToken = default);
}
