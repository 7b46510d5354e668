using System.Collections.Concurrent;

namespace Fury.Sdk.Caching;

/// <summary>A cached value as JSON.</summary>
/// <param name="FreshUntil">Later it is only good while the source fails.</param>
internal readonly record struct CachedValue(ReadOnlyMemory<byte> Json, DateTimeOffset FreshUntil);

/// <summary>This node's own level of a cache: at most so many entries, each for so long.</summary>
internal sealed class LocalMemory(TimeProvider clock)
{
    private const int EntriesMax = 10_000;

    private readonly ConcurrentDictionary<string, Entry> _entries = new();

    public CachedValue? Get(string key) =>
        _entries.TryGetValue(key, out var entry) && clock.GetUtcNow() < entry.Until ? entry.Value : null;

    public void Set(string key, CachedValue value, TimeSpan life, IReadOnlyCollection<string> tags)
    {
        if (life <= TimeSpan.Zero)
        {
            return;
        }

        if (_entries.Count >= EntriesMax)
        {
            MakeRoom();
        }

        _entries[key] = new Entry(value, clock.GetUtcNow() + life, tags);
    }

    public void Remove(string key) => _entries.TryRemove(key, out _);

    public void RemoveByTag(string tag)
    {
        foreach (var (key, entry) in _entries)
        {
            if (entry.Tags.Contains(tag))
            {
                _entries.TryRemove(key, out _);
            }
        }
    }

    public void Clear() => _entries.Clear();

    /// <summary>Those that are over, and as many others as make a tenth.</summary>
    private void MakeRoom()
    {
        var now = clock.GetUtcNow();
        foreach (var (key, _) in _entries.OrderBy(each => each.Value.Until > now).Take(EntriesMax / 10))
        {
            _entries.TryRemove(key, out _);
        }
    }

    private sealed record Entry(CachedValue Value, DateTimeOffset Until, IReadOnlyCollection<string> Tags);
}
