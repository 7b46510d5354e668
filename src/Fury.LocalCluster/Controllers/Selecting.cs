using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>
/// Finds out which objects that select pods have to be looked at again when a pod changes. Selectors are read once for each version of an object, so
/// that one pod among thousands does not wake hundreds of budgets that it does not concern.
/// </summary>
internal sealed class Selecting(Kind kind, Func<JsonObject, LabelSelector?> selectorOf)
{
    private readonly Dictionary<Guid, (string Namespace, LabelSelector Selector)> _selectors = [];
    private readonly HashSet<Guid> _dirty = [];

    public void Note(Change change)
    {
        var entry = change.Entry;
        if (entry.Kind == kind)
        {
            _selectors.Remove(entry.Uid);
            if (change.Type != ChangeType.Deleted && selectorOf(entry.Read()) is { } selector)
            {
                _selectors[entry.Uid] = (entry.Namespace!, selector);
                _dirty.Add(entry.Uid);
            }
        }
        else if (entry.Kind == AllKinds.Pods)
        {
            foreach (var (uid, (ns, selector)) in _selectors)
            {
                if (ns == entry.Namespace && (selector.Matches(entry.Labels) || (change.Before is { } before && selector.Matches(before.Labels))))
                {
                    _dirty.Add(uid);
                }
            }
        }
    }

    /// <summary>Those that have to be looked at, once.</summary>
    public IReadOnlyList<(Entry Entry, LabelSelector Selector)> Take(ObjectStore store)
    {
        if (_dirty.Count == 0)
        {
            return [];
        }

        var taken = _dirty.Where(_selectors.ContainsKey).Select(uid => (store.Find(uid), _selectors[uid].Selector))
            .Where(item => item.Item1 is { Deleting: false }).Select(item => (item.Item1!, item.Selector)).ToList();
        _dirty.Clear();
        return taken;
    }
}
