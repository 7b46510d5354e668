using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using Fury.Sdk.Caching;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Local;

internal sealed class LocalCache(TimeProvider clock) : LocalDriver(CacheCapabilities.Tags, CacheCapabilities.PushInvalidation), ICacheDriver
{
    private const int EntriesMax = 100_000;
    private const int NewsMax = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Stored> _entries = [];
    private readonly ConcurrentDictionary<Channel<CacheInvalidation>, bool> _watchers = new();

    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(string key, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(Find(key)?.Value);
        }
    }

    public ValueTask SetAsync(
        string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive, IReadOnlyCollection<string> tags, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_entries.Count >= EntriesMax)
            {
                _entries.Clear();
            }

            _entries[key] = new Stored(value.ToArray(), clock.GetUtcNow() + timeToLive, tags);
        }

        Tell(new CacheInvalidation(key, null));
        return ValueTask.CompletedTask;
    }

    public ValueTask RemoveAsync(string key, CancellationToken cancellation)
    {
        lock (_gate)
        {
            _entries.Remove(key);
        }

        Tell(new CacheInvalidation(key, null));
        return ValueTask.CompletedTask;
    }

    public ValueTask RemoveByTagAsync(string tag, CancellationToken cancellation)
    {
        lock (_gate)
        {
            foreach (var key in _entries.Where(each => each.Value.Tags.Contains(tag)).Select(each => each.Key).ToList())
            {
                _entries.Remove(key);
            }
        }

        Tell(new CacheInvalidation(null, tag));
        return ValueTask.CompletedTask;
    }

    public ValueTask<long> IncrementAsync(string key, long delta, TimeSpan timeToLive, CancellationToken cancellation)
    {
        lock (_gate)
        {
            var there = Find(key);
            var old = there is not null && Utf8Parser.TryParse(there.Value.Span, out long number, out _) ? number : 0;
            var sum = checked(old + delta);
            var end = there?.End ?? clock.GetUtcNow() + timeToLive;
            _entries[key] = new Stored(Encoding.ASCII.GetBytes(sum.ToString(CultureInfo.InvariantCulture)), end, []);
            return ValueTask.FromResult(sum);
        }
    }

    public async IAsyncEnumerable<CacheInvalidation> WatchAsync(
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        // Who is too slow misses the oldest news, which a cache may.
        var news = Channel.CreateBounded<CacheInvalidation>(new BoundedChannelOptions(NewsMax) { FullMode = BoundedChannelFullMode.DropOldest });
        _watchers[news] = true;
        try
        {
            await foreach (var each in news.Reader.ReadAllAsync(cancellation))
            {
                yield return each;
            }
        }
        finally
        {
            _watchers.TryRemove(news, out _);
        }
    }

    private void Tell(CacheInvalidation gone)
    {
        foreach (var watcher in _watchers.Keys)
        {
            watcher.Writer.TryWrite(gone);
        }
    }

    private Stored? Find(string key) => _entries.TryGetValue(key, out var stored) && stored.End > clock.GetUtcNow() ? stored : null;

    private sealed record Stored(ReadOnlyMemory<byte> Value, DateTimeOffset End, IReadOnlyCollection<string> Tags);
}
