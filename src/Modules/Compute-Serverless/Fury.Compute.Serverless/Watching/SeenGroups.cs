namespace Fury.Compute.Serverless.Watching;

/// <summary>Replicas as last seen, by whose they are, and whose differ from what was last taken. Not safe for threads.</summary>
internal sealed class SeenGroups<TOwner, TSeen>(Func<TSeen, string> name)
    where TOwner : struct
{
    private readonly Dictionary<TOwner, Dictionary<string, TSeen>> _groups = [];
    private readonly HashSet<TOwner> _dirty = [];

    public bool IsDirty => _dirty.Count > 0;

    public void Put(TOwner owner, string uid, TSeen seen)
    {
        if (!_groups.TryGetValue(owner, out var group))
        {
            _groups[owner] = group = new(StringComparer.Ordinal);
        }

        group[uid] = seen;
        _dirty.Add(owner);
    }

    public void Remove(TOwner owner, string uid)
    {
        _groups.GetValueOrDefault(owner)?.Remove(uid);
        _dirty.Add(owner);
    }

    /// <summary>They are news, whether something was seen of them or not.</summary>
    public void Mark(IEnumerable<TOwner> owners) => _dirty.UnionWith(owners);

    /// <summary>All that is seen of those that have changed since the last call, by name.</summary>
    public IReadOnlyDictionary<TOwner, IReadOnlyList<TSeen>> Take()
    {
        var taken = _dirty.ToDictionary(
            owner => owner,
            owner => (IReadOnlyList<TSeen>)[.. _groups.GetValueOrDefault(owner, []).Values.OrderBy(name, StringComparer.Ordinal)]);
        _dirty.Clear();
        foreach (var owner in taken.Where(entry => entry.Value.Count == 0).Select(entry => entry.Key))
        {
            _groups.Remove(owner);
        }

        return taken;
    }
}
