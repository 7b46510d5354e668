using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>A part of a list.</summary>
/// <param name="Version">Of the snapshot that all parts of the list come from.</param>
/// <param name="Rest">How many more objects there are behind the last one of the part.</param>
internal sealed record Part(IReadOnlyList<Entry> Entries, long Version, int Rest);

/// <summary>What was asked of a list.</summary>
/// <param name="Namespace">Null for all of them.</param>
/// <param name="Match">Null for every object.</param>
/// <param name="Version">The snapshot to list; null for the newest.</param>
/// <param name="After">The key behind which the part begins.</param>
/// <param name="EntriesMax">0 for no bound.</param>
internal sealed record ListQuery(Kind Kind, string? Namespace, Func<Entry, bool>? Match, long? Version, string? After, int EntriesMax);

/// <summary>
/// All objects of a cluster in memory, under one counter of versions that only grows. Whoever reads, decides and writes holds <see cref="Sync"/>
/// meanwhile; single calls take it themselves. It outlives the API server in front of it, as etcd does.
/// </summary>
internal sealed class ObjectStore
{
    /// <summary>Stands in <see cref="DependentsOf"/> for pods that no controller has.</summary>
    public static readonly Guid Nobody = Guid.Empty;

    private readonly Shelf[] _shelves;
    private readonly Dictionary<Guid, Entry> _byUid = [];
    private readonly Dictionary<Guid, HashSet<Guid>> _dependents = [];

    public ObjectStore(int historyMax) => _shelves = [.. AllKinds.All.Select(_ => new Shelf(historyMax))];

    /// <summary>Told of every change, in order, while the lock is held: it must only note what has changed.</summary>
    public event Action<Change>? Changed;

    public Lock Sync { get; } = new();

    /// <summary>The version of the newest change. Begins above zero, since zero means "any".</summary>
    public long Version { get; private set; } = 1;

    public Entry? Find(Kind kind, string? ns, string name)
    {
        lock (Sync)
        {
            return _shelves[kind.Number].TryGet(Entry.KeyOf(ns, name), out var entry) ? entry : null;
        }
    }

    /// <exception cref="Refusal">There is none: <c>404</c>.</exception>
    public Entry Get(Kind kind, string? ns, string name) => Find(kind, ns, name) ?? throw Refusal.NotFound(kind, name);

    public Entry? Find(Guid uid)
    {
        lock (Sync)
        {
            return _byUid.GetValueOrDefault(uid);
        }
    }

    /// <summary>The objects that name this one as an owner.</summary>
    public IReadOnlyList<Entry> DependentsOf(Guid owner)
    {
        lock (Sync)
        {
            return _dependents.TryGetValue(owner, out var uids) ? [.. uids.Select(uid => _byUid[uid])] : [];
        }
    }

    public int Count(Kind kind)
    {
        lock (Sync)
        {
            return _shelves[kind.Number].Count;
        }
    }

    /// <summary>All objects of a kind that match, in no order; cheaper than a list.</summary>
    public List<Entry> All(Kind kind, Func<Entry, bool>? match = null)
    {
        lock (Sync)
        {
            return [.. match is null ? _shelves[kind.Number].Objects : _shelves[kind.Number].Objects.Where(match)];
        }
    }

    /// <summary>Null when the snapshot that is asked for is forgotten.</summary>
    public Part? List(ListQuery query)
    {
        lock (Sync)
        {
            var version = query.Version ?? Version;
            if (_shelves[query.Kind.Number].At(version) is not { } all)
            {
                return null;
            }

            var entries = new List<Entry>();
            var rest = 0;
            foreach (var entry in all)
            {
                if ((query.Namespace is not null && entry.Namespace != query.Namespace)
                    || (query.After is not null && string.CompareOrdinal(entry.Key, query.After) <= 0)
                    || query.Match?.Invoke(entry) == false)
                {
                    continue;
                }

                if (query.EntriesMax > 0 && entries.Count == query.EntriesMax)
                {
                    rest++;
                }
                else
                {
                    entries.Add(entry);
                }
            }

            return new(entries, version, rest);
        }
    }

    /// <summary>Puts an object in its place under a new version, whatever was there before.</summary>
    public Entry Put(Kind kind, JsonObject value)
    {
        lock (Sync)
        {
            var entry = Entry.Of(kind, value, ++Version);
            _shelves[kind.Number].TryGet(entry.Key, out var before);
            Apply(new(before is null ? ChangeType.Added : ChangeType.Modified, entry, before));
            return entry;
        }
    }

    /// <summary>Takes an object away; returns it as it was last, under the version of its deletion.</summary>
    public Entry Remove(Entry entry)
    {
        lock (Sync)
        {
            var last = Entry.Of(entry.Kind, entry.Read(), ++Version);
            Apply(new(ChangeType.Deleted, last, entry));
            return last;
        }
    }

    /// <summary>The changes of a kind from a place on, and where to go on from; null when the place is forgotten.</summary>
    public (IReadOnlyList<Change> Changes, long Next, long Version, Task More)? Read(Kind kind, long place, int changesMax)
    {
        lock (Sync)
        {
            var shelf = _shelves[kind.Number];
            if (place < shelf.History.First)
            {
                return null;
            }

            var count = (int)Math.Min(changesMax, shelf.History.End - place);
            var changes = new Change[count];
            for (var index = 0; index < count; index++)
            {
                changes[index] = shelf.History[place + index];
            }

            return (changes, place + count, Version, shelf.Next);
        }
    }

    /// <summary>The place of the first change after the version; null when what came after it is forgotten.</summary>
    public long? PlaceAfter(Kind kind, long version)
    {
        lock (Sync)
        {
            var history = _shelves[kind.Number].History;
            return version < history.CompactedVersion ? null : history.After(version);
        }
    }

    public long CompactedVersion(Kind kind)
    {
        lock (Sync)
        {
            return _shelves[kind.Number].History.CompactedVersion;
        }
    }

    /// <summary>Forgets all history: whoever has not seen the newest version must list again.</summary>
    public void Compact()
    {
        lock (Sync)
        {
            foreach (var shelf in _shelves)
            {
                shelf.History.Compact(Version);
                shelf.Wake();
            }
        }
    }

    private void Apply(Change change)
    {
        if (change.Before is { } before)
        {
            Unlink(before);
        }

        if (change.Type != ChangeType.Deleted)
        {
            _byUid[change.Entry.Uid] = change.Entry;
            foreach (var owner in OwnersOf(change.Entry))
            {
                (_dependents.TryGetValue(owner, out var uids) ? uids : _dependents[owner] = []).Add(change.Entry.Uid);
            }
        }

        _shelves[change.Entry.Kind.Number].Apply(change);
        Changed?.Invoke(change);
    }

    private static Guid[] OwnersOf(Entry entry) => entry.Pod is { } pod && pod.Controller == Nobody ? [.. entry.Owners, Nobody] : entry.Owners;

    private void Unlink(Entry entry)
    {
        _byUid.Remove(entry.Uid);
        foreach (var owner in OwnersOf(entry))
        {
            if (_dependents.TryGetValue(owner, out var uids) && uids.Remove(entry.Uid) && uids.Count == 0)
            {
                _dependents.Remove(owner);
            }
        }
    }
}
