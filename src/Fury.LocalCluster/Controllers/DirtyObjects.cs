namespace Fury.LocalCluster;

/// <summary>The objects of a kind that a controller has to look at: something has changed for them, or they wait for a time.</summary>
internal sealed class DirtyObjects(ObjectStore store, Kind kind)
{
    private readonly HashSet<Guid> _uids = [];

    /// <summary>Uids of other kinds, and of what is gone, are passed over.</summary>
    public void Add(Guid uid) => _uids.Add(uid);

    public void Add(IEnumerable<Guid> uids) => _uids.UnionWith(uids);

    /// <summary>Looks at each once, and tells when the first of those that wait for a time wants to be looked at again.</summary>
    /// <param name="reconcile">Tells when it must look again if nothing changes before; null for never.</param>
    public DateTimeOffset? Pass(Func<Entry, DateTimeOffset?> reconcile)
    {
        DateTimeOffset? due = null;
        var waiting = new HashSet<Guid>();
        foreach (var entry in _uids.Select(store.Find).OfType<Entry>().Where(entry => entry.Kind == kind).ToList())
        {
            if (reconcile(entry) is { } next)
            {
                due = ControlLoop.Earlier(due, next);
                waiting.Add(entry.Uid);
            }
        }

        _uids.Clear();
        _uids.UnionWith(waiting);
        return due;
    }
}
