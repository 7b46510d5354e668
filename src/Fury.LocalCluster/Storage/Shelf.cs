using System.Diagnostics.CodeAnalysis;

namespace Fury.LocalCluster;

/// <summary>The objects of one kind. Only the store uses it, under its lock.</summary>
internal sealed class Shelf(int historyMax)
{
    private readonly Dictionary<string, Entry> _objects = [];
    private TaskCompletionSource _pulse = NewPulse();
    private string[]? _sorted;

    public History History { get; } = new(historyMax);

    /// <summary>Ends with the next change.</summary>
    public Task Next => _pulse.Task;

    public int Count => _objects.Count;

    public IEnumerable<Entry> Objects => _objects.Values;

    public bool TryGet(string key, [NotNullWhen(true)] out Entry? entry) => _objects.TryGetValue(key, out entry);

    public void Apply(Change change)
    {
        var key = change.Entry.Key;
        if (change.Type == ChangeType.Deleted)
        {
            _objects.Remove(key);
            _sorted = null;
        }
        else
        {
            _objects[key] = change.Entry;
            if (change.Type == ChangeType.Added)
            {
                _sorted = null;
            }
        }

        History.Add(change);
        Wake();
    }

    /// <summary>Lets all watchers look again.</summary>
    public void Wake()
    {
        var pulse = _pulse;
        _pulse = NewPulse();
        pulse.SetResult();
    }

    /// <summary>All objects in the order of their keys, as they were at the version; null when that is forgotten.</summary>
    public IEnumerable<Entry>? At(long version)
    {
        if (version < History.CompactedVersion)
        {
            return null;
        }

        // Undone from the newest change back, so that the oldest one after the version has the last word.
        Dictionary<string, Entry?>? undone = null;
        for (var place = History.End - 1; place >= History.First && History[place].Version > version; place--)
        {
            undone ??= [];
            undone[History[place].Entry.Key] = History[place].Before;
        }

        return undone is null ? Current() : Undone(undone);
    }

    private IEnumerable<Entry> Current()
    {
        if (_sorted is null)
        {
            _sorted = [.. _objects.Keys];
            Array.Sort(_sorted, StringComparer.Ordinal);
        }

        return _sorted.Select(key => _objects[key]);
    }

    private List<Entry> Undone(Dictionary<string, Entry?> undone)
    {
        var entries = _objects.Values.Where(entry => !undone.ContainsKey(entry.Key)).Concat(undone.Values.OfType<Entry>()).ToList();
        entries.Sort((one, other) => string.CompareOrdinal(one.Key, other.Key));
        return entries;
    }

    private static TaskCompletionSource NewPulse() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
