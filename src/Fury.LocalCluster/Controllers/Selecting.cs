using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>An object that selects pods, and those that it selects.</summary>
internal sealed record Selected(Entry Entry, IReadOnlyCollection<Entry> Pods);

/// <summary>
/// Knows which pods the objects of a kind select, and which of these have to be looked at again. Selectors are read once for each version of an object
/// and found by a label, so that one pod among thousands costs nothing to hundreds of budgets that it does not concern.
/// </summary>
internal sealed class Selecting(ObjectStore store, Kind kind, Func<JsonObject, LabelSelector?> selectorOf)
{
    private readonly Dictionary<Guid, Selection> _selections = [];
    private readonly Dictionary<Place, HashSet<Guid>> _places = [];
    private readonly HashSet<Guid> _dirty = [];

    public void Note(Change change)
    {
        var entry = change.Entry;
        if (entry.Kind == kind)
        {
            Select(entry, change.Type == ChangeType.Deleted ? null : selectorOf(entry.Read()));
            _dirty.Add(entry.Uid);
        }
        else if (entry.Kind == AllKinds.Pods)
        {
            var places = entry.Labels.Concat(change.Before?.Labels ?? [])
                .Select(label => new Place(entry.Namespace, label.Key, label.Value)).Append(new(entry.Namespace, null, null));
            foreach (var uid in places.Distinct().SelectMany(place => _places.GetValueOrDefault(place, [])))
            {
                if (_selections[uid].Note(change))
                {
                    _dirty.Add(uid);
                }
            }
        }
    }

    /// <summary>Those that have to be looked at, once.</summary>
    public IReadOnlyList<Selected> Take()
    {
        if (_dirty.Count == 0)
        {
            return [];
        }

        List<Selected> taken =
        [
            .. from uid in _dirty
               let entry = store.Find(uid)
               where entry is { Deleting: false } && _selections.ContainsKey(uid)
               select new Selected(entry, _selections[uid].Pods),
        ];
        _dirty.Clear();
        return taken;
    }

    /// <summary>From now on by this selector, or not at all. Most changes of an object are not of its selector.</summary>
    private void Select(Entry entry, LabelSelector? selector)
    {
        if (selector?.ToString() == _selections.GetValueOrDefault(entry.Uid)?.Selector.ToString())
        {
            return;
        }

        Forget(entry.Uid);
        if (selector is null)
        {
            return;
        }

        var ns = entry.Namespace;
        var place = selector.Requirements.Where(one => one is { Match: Match.In, Values.Length: 1 }).Select(one => new Place(ns, one.Key, one.Values[0]))
            .MinBy(place => _places.GetValueOrDefault(place)?.Count ?? 0);
        var selection = new Selection(place == default ? new(ns, null, null) : place, selector);
        foreach (var pod in store.All(AllKinds.Pods, pod => pod.Namespace == ns && selection.Selects(pod)))
        {
            selection.Add(pod);
        }

        if (!_places.TryGetValue(selection.Place, out var here))
        {
            _places[selection.Place] = here = [];
        }

        here.Add(entry.Uid);
        _selections[entry.Uid] = selection;
    }

    private void Forget(Guid uid)
    {
        if (_selections.Remove(uid, out var selection) && _places[selection.Place] is var here && here.Remove(uid) && here.Count == 0)
        {
            _places.Remove(selection.Place);
        }
    }

    /// <summary>Where a selector is found: by one label that it asks for, or, without one, by its namespace.</summary>
    private readonly record struct Place(string? Namespace, string? Label, string? Value);

    private sealed class Selection(Place place, LabelSelector selector)
    {
        private readonly Dictionary<Guid, Entry> _pods = [];

        public Place Place => place;

        public LabelSelector Selector => selector;

        public IReadOnlyCollection<Entry> Pods => _pods.Values;

        /// <summary>Pods that have ended count for nothing.</summary>
        public bool Selects(Entry pod) => pod.Pod is { HasEnded: false } && selector.Matches(pod.Labels);

        public void Add(Entry pod) => _pods[pod.Uid] = pod;

        /// <summary>Whether it concerns this selection.</summary>
        public bool Note(Change change)
        {
            if (change.Type != ChangeType.Deleted && Selects(change.Entry))
            {
                Add(change.Entry);
                return true;
            }

            return _pods.Remove(change.Entry.Uid);
        }
    }
}
