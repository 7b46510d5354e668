using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>What a replica set should do next.</summary>
internal sealed record ReplicaPlan(int Create, IReadOnlyList<Entry> Delete);

/// <summary>Keeps as many pods of each replica set as it asks for, adopts those that match, and counts them.</summary>
internal sealed class ReplicaSets(Registry registry) : IController
{
    private readonly DirtyObjects _dirty = new(registry.Store, AllKinds.ReplicaSets);
    private bool _orphans;

    public void Note(Change change)
    {
        if (change.Entry.Kind == AllKinds.ReplicaSets)
        {
            _dirty.Add(change.Entry.Uid);
        }
        else if (change.Entry.Pod is { } pod)
        {
            _dirty.Add(pod.Controller);
            _dirty.Add(change.Before?.Pod?.Controller ?? Guid.Empty);
            _orphans |= pod.Controller == Guid.Empty && change.Type != ChangeType.Deleted;
        }
    }

    public DateTimeOffset? Pass()
    {
        if (_orphans)
        {
            _dirty.Add(registry.Store.All(AllKinds.ReplicaSets).Select(entry => entry.Uid));
            _orphans = false;
        }

        return _dirty.Pass(Reconcile);
    }

    /// <summary>
    /// Pods that have ended count for nothing. Those that are least missed are deleted first: without a node, not running, not ready, of a low
    /// deletion cost, young.
    /// </summary>
    internal static ReplicaPlan Plan(int wanted, IEnumerable<Entry> pods, Func<Entry, (int Cost, DateTimeOffset Since)> about)
    {
        var active = pods.Where(pod => !pod.Deleting && !pod.Pod!.HasEnded).ToList();
        return active.Count <= wanted
            ? new(wanted - active.Count, [])
            : new(0, [.. active
                .Select(pod => (Pod: pod, About: about(pod)))
                .OrderBy(item => item.Pod.Pod!.Node is null ? 0 : 1)
                .ThenBy(item => item.Pod.Pod!.Phase == "Running" ? 1 : 0)
                .ThenBy(item => item.Pod.Pod!.Ready ? 1 : 0)
                .ThenBy(item => item.About.Cost)
                .ThenByDescending(item => item.About.Since)
                .ThenBy(item => item.Pod.Key, StringComparer.Ordinal)
                .Select(item => item.Pod)
                .Take(active.Count - wanted)]);
    }

    private DateTimeOffset? Reconcile(Entry entry)
    {
        var set = entry.Read();
        var selector = LabelSelector.Of(set.Object("spec", "selector"))!;
        var wanted = (int)(set.Number("spec", "replicas") ?? 1);
        string? failure = null;
        if (!entry.Deleting)
        {
            Adopt(entry, set, selector);
            var plan = Plan(wanted, PodsOf(entry), About);
            failure = Act(entry, set, plan);
        }

        return Count(entry, set, failure);
    }

    private List<Entry> PodsOf(Entry set) =>
        [.. registry.Store.DependentsOf(set.Uid).Where(pod => pod.Pod is { } facts && facts.Controller == set.Uid)];

    private void Adopt(Entry entry, JsonObject set, LabelSelector selector)
    {
        foreach (var pod in registry.Store.DependentsOf(ObjectStore.Nobody)
            .Where(pod => pod.Namespace == entry.Namespace && !pod.Deleting && !pod.Pod!.HasEnded && selector.Matches(pod.Labels)))
        {
            registry.Edit(pod, Writer.Cluster, value =>
            {
                var metadata = value.Child("metadata");
                if (metadata["ownerReferences"] is not JsonArray owners)
                {
                    metadata["ownerReferences"] = owners = [];
                }

                owners.Add(PodTemplates.Reference(AllKinds.ReplicaSets, set));
            });
        }

        // A pod whose labels do not match any more is let go, and another one takes its place.
        foreach (var pod in PodsOf(entry).Where(pod => !selector.Matches(pod.Labels)))
        {
            registry.Edit(pod, Writer.Cluster, value =>
            {
                var owners = value.Array("metadata", "ownerReferences")!;
                foreach (var owner in owners.Where(owner => owner.Text("uid") == entry.Uid.ToString()).ToList())
                {
                    owners.Remove(owner);
                }
            });
        }
    }

    /// <summary>Why pods cannot be made; null when all went well.</summary>
    private string? Act(Entry entry, JsonObject set, ReplicaPlan plan)
    {
        foreach (var pod in plan.Delete)
        {
            registry.Delete(pod.Kind, pod.Namespace, pod.Name, DeleteOptions.Graceful);
        }

        try
        {
            for (var made = 0; made < plan.Create; made++)
            {
                registry.Create(AllKinds.Pods, entry.Namespace, PodTemplates.Pod(AllKinds.ReplicaSets, set), Writer.Cluster);
            }

            return null;
        }
        catch (Refusal refused)
        {
            return refused.Message;
        }
    }

    private static (int Cost, DateTimeOffset Since) About(Entry pod)
    {
        var value = pod.Read();
        var cost = value.Text("metadata", "annotations", "controller.kubernetes.io/pod-deletion-cost");
        return (
            int.TryParse(cost, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0,
            value.Time("metadata", "creationTimestamp") ?? DateTimeOffset.MinValue);
    }

    private DateTimeOffset? Count(Entry entry, JsonObject set, string? failure)
    {
        var now = registry.Clock.GetUtcNow();
        var pods = PodsOf(entry).Where(pod => !pod.Deleting && !pod.Pod!.HasEnded).ToList();
        var ready = pods.Where(pod => pod.Pod!.Ready).ToList();
        var (available, due) = Available(ready, TimeSpan.FromSeconds(set.Number("spec", "minReadySeconds") ?? 0), now);
        if (failure is null && TellsAlready(set, pods.Count, ready.Count, available))
        {
            return due;
        }

        var templateLabels = LabelSelector.OfMap(set.Object("spec", "template", "metadata", "labels") ?? []);
        registry.Edit(entry, Writer.ClusterStatus, value =>
        {
            var status = value.Child("status");
            status["replicas"] = pods.Count;
            status.SetCount("fullyLabeledReplicas", pods.Count(pod => templateLabels.Matches(pod.Labels)));
            status.SetCount("readyReplicas", ready.Count);
            status.SetCount("availableReplicas", available);
            status["observedGeneration"] = set.Number("metadata", "generation") ?? 1;
            if (failure is not null)
            {
                Conditions.Set(value, "ReplicaFailure", "True", "FailedCreate", failure, now);
            }
            else
            {
                status.Remove("conditions");
            }
        });
        return due;
    }

    /// <summary>Most changes of pods change none of the counts, and a write that changes nothing still costs two readings of the object.</summary>
    private static bool TellsAlready(JsonObject set, int replicas, int ready, int available) =>
        set.Object("status") is { } status
        && status["conditions"] is null
        && status.Number("replicas") == replicas
        && (status.Number("fullyLabeledReplicas") ?? 0) == replicas
        && (status.Number("readyReplicas") ?? 0) == ready
        && (status.Number("availableReplicas") ?? 0) == available
        && status.Number("observedGeneration") == (set.Number("metadata", "generation") ?? 1);

    /// <summary>How many have been ready for long enough, and when the next one will have been.</summary>
    private static (int Count, DateTimeOffset? Due) Available(List<Entry> ready, TimeSpan least, DateTimeOffset now)
    {
        if (least == TimeSpan.Zero)
        {
            return (ready.Count, null);
        }

        var times = ready.Select(pod => (pod.Read().Array("status", "conditions") ?? [])
            .First(condition => condition.Text("type") == "Ready").Time("lastTransitionTime") ?? now).Select(since => since + least).ToList();
        return (times.Count(time => time <= now), times.Where(time => time > now).Select(time => (DateTimeOffset?)time).Min());
    }
}
