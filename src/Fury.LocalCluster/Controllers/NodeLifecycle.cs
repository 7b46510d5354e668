using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>
/// Finds nodes that have stopped to say that they live, keeps pods away from them, and evicts those that do not tolerate it any longer. A node that
/// never had a lease is left to whoever made it.
/// </summary>
internal sealed class NodeLifecycle(Registry registry, TimeSpan lostAfter) : IController
{
    public const string Unreachable = "node.kubernetes.io/unreachable";

    private readonly Dictionary<string, long> _beats = [];
    private readonly HashSet<string> _lost = [];
    private readonly HashSet<string> _tainted = [];

    /// <summary>
    /// It looks at least so often. A longer gap means that this process did not run, or that time jumped: nobody was heard, but nobody listened.
    /// </summary>
    private readonly TimeSpan _lookEvery = lostAfter / 2;

    private long? _looked;

    public void Note(Change change)
    {
        var entry = change.Entry;
        if (entry.Kind == AllKinds.Leases && entry.Namespace == NodeObjects.LeaseNamespace && change.Type != ChangeType.Deleted)
        {
            _beats[entry.Name] = registry.Clock.GetTimestamp();
        }
        else if (entry.Kind == AllKinds.Nodes)
        {
            _tainted.Add(entry.Name);
            if (change.Type == ChangeType.Deleted)
            {
                _beats.Remove(entry.Name);
                _lost.Remove(entry.Name);
            }
        }
        else if (entry.Pod is { Node: { } node } && _tainted.Count > 0 && change.Before?.Pod?.Node is null)
        {
            _tainted.Add(node);
        }
    }

    public DateTimeOffset? Pass()
    {
        var clock = registry.Clock;
        DateTimeOffset? due = _beats.Count > 0 ? clock.GetUtcNow() + (_lookEvery * 0.9) : null;
        ForgiveGap();
        foreach (var (node, beat) in _beats)
        {
            var silent = clock.GetElapsedTime(beat);
            if (silent >= lostAfter)
            {
                if (_lost.Add(node))
                {
                    Lose(node);
                }
            }
            else
            {
                due = ControlLoop.Earlier(due, clock.GetUtcNow() + (lostAfter - silent));
                if (_lost.Remove(node))
                {
                    Find(node);
                }
            }
        }

        foreach (var node in _tainted.ToList())
        {
            var (more, next) = Evict(node);
            due = ControlLoop.Earlier(due, next);
            if (!more)
            {
                _tainted.Remove(node);
            }
        }

        return due;
    }

    private void ForgiveGap()
    {
        var now = registry.Clock.GetTimestamp();
        var gap = _looked is { } looked ? registry.Clock.GetElapsedTime(looked, now) : TimeSpan.Zero;
        _looked = now;
        if (gap > _lookEvery)
        {
            var forgiven = (long)((gap - _lookEvery).TotalSeconds * registry.Clock.TimestampFrequency);
            foreach (var node in _beats.Keys.Where(node => !_lost.Contains(node)).ToList())
            {
                _beats[node] = Math.Min(now, _beats[node] + forgiven);
            }
        }
    }

    private void Lose(string name)
    {
        if (registry.Store.Find(AllKinds.Nodes, null, name) is not { } node)
        {
            return;
        }

        var now = registry.Clock.GetUtcNow();
        registry.Edit(node, Writer.ClusterStatus, value =>
            Conditions.Set(value, "Ready", "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.", now));
        registry.Edit(node, Writer.Cluster, value =>
        {
            var taints = value.Array("spec", "taints")?.DeepClone().AsArray() ?? [];
            foreach (var effect in (string[])["NoSchedule", "NoExecute"])
            {
                taints.Add(new JsonObject { ["key"] = Unreachable, ["effect"] = effect, ["timeAdded"] = now.Stamp() });
            }

            value.Child("spec")["taints"] = taints;
        });
        foreach (var pod in PodsOn(name).Where(pod => pod.Pod!.Ready))
        {
            registry.Edit(pod, Writer.ClusterStatus, value => Conditions.Set(value, "Ready", "False", "NodeNotReady", null, now));
        }

        Recorder.Warn(registry, node, "NodeNotReady", $"Node {name} status is now: NodeNotReady", "node-controller");
    }

    private void Find(string name)
    {
        if (registry.Store.Find(AllKinds.Nodes, null, name) is not { } node)
        {
            return;
        }

        var now = registry.Clock.GetUtcNow();
        registry.Edit(node, Writer.ClusterStatus, value =>
            Conditions.Set(value, "Ready", "True", "KubeletReady", "kubelet is posting ready status", now));
        registry.Edit(node, Writer.Cluster, value =>
            value.Child("spec").SetList(
                "taints", [.. (value.Array("spec", "taints") ?? []).Where(taint => taint.Text("key") != Unreachable).Select(taint => taint?.DeepClone())]));
        foreach (var pod in PodsOn(name).Where(pod => pod is { Deleting: false, Pod: { Ready: false, Phase: "Running" } }))
        {
            registry.Edit(pod, Writer.ClusterStatus, value =>
            {
                if ((value.Array("status", "conditions") ?? []).Any(item => item.Text("type") == "Ready" && item.Text("reason") == "NodeNotReady"))
                {
                    Conditions.Set(value, "Ready", "True", null, null, now);
                }
            });
        }
    }

    /// <summary>Whether the node has to be looked at again, and when at the latest.</summary>
    private (bool More, DateTimeOffset? Due) Evict(string name)
    {
        if (registry.Store.Find(AllKinds.Nodes, null, name) is not { } entry)
        {
            // Its pods can never be heard of again.
            foreach (var pod in PodsOn(name))
            {
                registry.Delete(pod.Kind, pod.Namespace, pod.Name, DeleteOptions.Now);
            }

            return (false, null);
        }

        var taints = (entry.Read().Array("spec", "taints") ?? []).Where(taint => taint.Text("effect") == "NoExecute").ToList();
        DateTimeOffset? due = null;
        foreach (var pod in taints.Count == 0 ? [] : PodsOn(name).Where(pod => !pod.Deleting))
        {
            var at = EvictedAt(pod.Read(), taints);
            if (at <= registry.Clock.GetUtcNow())
            {
                Recorder.Tell(registry, pod, "TaintManagerEviction", $"Marking for deletion Pod {pod.Key}", "taint-eviction-controller");
                registry.Delete(pod.Kind, pod.Namespace, pod.Name, DeleteOptions.Graceful);
            }
            else
            {
                due = ControlLoop.Earlier(due, at);
            }
        }

        return (taints.Count > 0, due);
    }

    /// <summary>Null for never.</summary>
    private DateTimeOffset? EvictedAt(JsonObject pod, List<JsonNode?> taints)
    {
        DateTimeOffset? at = null;
        foreach (var node in taints)
        {
            var taint = Taint.Of(node);
            var added = node.Time("timeAdded") ?? registry.Clock.GetUtcNow();
            var tolerations = (pod.Array("spec", "tolerations") ?? []).Where(taint.IsToleratedBy).ToList();
            var until = tolerations.Count == 0 ? added
                : tolerations.Any(toleration => toleration.Node("tolerationSeconds") is null) ? (DateTimeOffset?)null
                : added + TimeSpan.FromSeconds(tolerations.Min(toleration => toleration.Number("tolerationSeconds") ?? 0));
            at = ControlLoop.Earlier(at, until);
        }

        return at;
    }

    private List<Entry> PodsOn(string node) => registry.Store.All(AllKinds.Pods, pod => pod.Pod is { HasEnded: false } facts && facts.Node == node);
}
