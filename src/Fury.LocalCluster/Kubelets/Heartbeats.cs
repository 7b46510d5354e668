namespace Fury.LocalCluster;

/// <summary>Lets every node that is not lost say that it lives.</summary>
internal sealed class Heartbeats(Registry registry, IReadOnlyList<string> nodes, TimeSpan interval, Func<string, bool> isLost) : IController
{
    private long? _last;

    public void Note(Change change)
    {
        // Time alone makes it work.
    }

    public DateTimeOffset? Pass()
    {
        var clock = registry.Clock;
        if (nodes.Count == 0)
        {
            return null;
        }

        var since = _last is { } last ? clock.GetElapsedTime(last) : interval;
        if (since < interval)
        {
            return clock.GetUtcNow() + (interval - since);
        }

        _last = clock.GetTimestamp();
        foreach (var node in nodes.Where(node => !isLost(node) && registry.Store.Find(AllKinds.Nodes, null, node) is not null))
        {
            NodeObjects.Beat(registry, node);
        }

        return clock.GetUtcNow() + interval;
    }
}
