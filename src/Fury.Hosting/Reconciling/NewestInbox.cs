using System.Collections.Concurrent;

namespace Fury.Hosting;

/// <summary>
/// What others have told this host and is not kept yet: the newest of each, in memory, so that many reports cost one statement. Only for what is told again by
/// itself: what is lost here, by a crash or at the very moment that it is taken, is gone. Safe for threads.
/// </summary>
/// <param name="keysMax">Of more, nothing is taken.</param>
public sealed class NewestInbox<TKey, T>(int keysMax)
    where TKey : notnull
{
    private ConcurrentDictionary<TKey, T> _told = new();

    public void Add(TKey key, T report)
    {
        var told = _told;
        if (told.Count < keysMax || told.ContainsKey(key))
        {
            told[key] = report;
        }
    }

    /// <summary>All that has come since it was last taken.</summary>
    public IReadOnlyCollection<T> Take() => _told.IsEmpty ? [] : [.. Interlocked.Exchange(ref _told, new()).Values];
}
