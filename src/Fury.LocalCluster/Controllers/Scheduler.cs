namespace Fury.LocalCluster;

/// <summary>Gives pods their nodes, by what they ask for and what is left. What does not fit is told why, and tried again when room may have come.</summary>
internal sealed class Scheduler(Registry registry) : IController
{
    private const string Own = "default-scheduler";

    private readonly Dictionary<string, NodeRoom> _taken = [];
    private readonly HashSet<Guid> _pending = [];
    private readonly HashSet<Guid> _waiting = [];
    private readonly Dictionary<string, NodeFacts> _nodes = [];

    public void Note(Change change)
    {
        if (change.Entry.Kind == AllKinds.Nodes)
        {
            _nodes.Remove(change.Entry.Name);
            if (change.Type != ChangeType.Deleted)
            {
                _nodes[change.Entry.Name] = NodeFacts.Of(change.Entry);
            }

            Retry();
        }
        else if (change.Entry.Pod is { } pod)
        {
            Take(change.Before?.Pod, -1);
            Take(change.Type == ChangeType.Deleted ? null : pod, 1);
            if (change.Type != ChangeType.Deleted && pod.Node is null && !_waiting.Contains(change.Entry.Uid))
            {
                _pending.Add(change.Entry.Uid);
            }
            else if (change.Type == ChangeType.Deleted || pod.HasEnded)
            {
                Retry();
            }
        }
    }

    public DateTimeOffset? Pass()
    {
        if (_pending.Count == 0)
        {
            return null;
        }

        // In an order that does not change from run to run: the uids grow with time.
        var nodes = _nodes.Values.OrderBy(node => node.Name, StringComparer.Ordinal).ToList();
        var now = new Dictionary<string, NodeRoom>(_taken);
        foreach (var entry in _pending.Order().Select(registry.Store.Find).OfType<Entry>().ToList())
        {
            if (entry.Deleting || entry.Pod!.Node is not null)
            {
                continue;
            }

            var pod = entry.Read();
            if (pod.Text("spec", "schedulerName") != Own || pod.Array("spec", "schedulingGates") is { Count: > 0 })
            {
                continue;
            }

            var placement = Scheduling.Place(pod, entry.Pod, nodes, name => now.GetValueOrDefault(name));
            if (placement.Node is { } node)
            {
                Bind(entry, node);
                now[node] = now.GetValueOrDefault(node) + NodeRoom.Of(entry.Pod);
            }
            else
            {
                Wait(entry, pod, placement.Why!);
            }
        }

        _pending.Clear();
        return null;
    }

    private void Take(PodFacts? pod, int sign)
    {
        if (pod is { Node: { } node, HasEnded: false })
        {
            var room = _taken.GetValueOrDefault(node);
            _taken[node] = sign > 0 ? room + NodeRoom.Of(pod) : room - NodeRoom.Of(pod);
        }
    }

    private void Retry()
    {
        _pending.UnionWith(_waiting);
        _waiting.Clear();
    }

    private void Bind(Entry entry, string node)
    {
        try
        {
            registry.Edit(entry, Writer.Cluster, value => Subresources.Bind(value, node, registry.Clock.GetUtcNow()));
        }
        catch (Refusal)
        {
            // It is gone, or somebody else has bound it.
        }
    }

    private void Wait(Entry entry, System.Text.Json.Nodes.JsonObject pod, string why)
    {
        _waiting.Add(entry.Uid);
        if ((pod.Array("status", "conditions") ?? []).Any(condition => condition.Text("message") == why))
        {
            return;
        }

        registry.Edit(entry, Writer.ClusterStatus, value =>
            Conditions.Set(value, "PodScheduled", "False", "Unschedulable", why, registry.Clock.GetUtcNow()));
        Recorder.Warn(registry, entry, "FailedScheduling", why, Own);
    }
}
