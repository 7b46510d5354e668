using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>Looks at every autoscaler once in a while, and gives its target the replicas that its metrics ask for.</summary>
internal sealed class Autoscalers(Registry registry, Metrics metrics, TimeSpan interval) : IController
{
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(1);

    private readonly Dictionary<Guid, Memory> _memories = [];
    private long? _last;

    public void Note(Change change)
    {
        if (change.Entry.Kind == AllKinds.Autoscalers && change.Type == ChangeType.Deleted)
        {
            _memories.Remove(change.Entry.Uid);
        }
    }

    public DateTimeOffset? Pass()
    {
        var clock = registry.Clock;
        if (registry.Store.Count(AllKinds.Autoscalers) == 0)
        {
            return null;
        }

        var since = _last is { } last ? clock.GetElapsedTime(last) : interval;
        if (since < interval)
        {
            return clock.GetUtcNow() + (interval - since);
        }

        _last = clock.GetTimestamp();
        foreach (var entry in registry.Store.All(AllKinds.Autoscalers, entry => !entry.Deleting))
        {
            Reconcile(entry);
        }

        return clock.GetUtcNow() + interval;
    }

    private void Reconcile(Entry entry)
    {
        var hpa = entry.Read();
        var now = registry.Clock.GetUtcNow();
        var reference = hpa.Object("spec", "scaleTargetRef");
        var group = reference.Text("apiVersion")?.Split('/') is [var named, _] ? named : "apps";
        var kind = AllKinds.Named(group, reference.Text("kind") ?? "");
        if (kind is not { HasScale: true } || registry.Store.Find(kind, entry.Namespace, reference.Text("name") ?? "") is not { } target)
        {
            Fail(entry, "AbleToScale", "FailedGetScale", $"the HPA controller was unable to get the target's current scale: "
                + $"{reference.Text("kind")} \"{reference.Text("name")}\" not found", now);
            return;
        }

        var value = target.Read();
        var current = (int)(value.Number("spec", "replicas") ?? 1);
        if (current == 0)
        {
            Fail(entry, "ScalingActive", "ScalingDisabled", "scaling is disabled since the replica count of the target is zero", now);
            return;
        }

        var selector = LabelSelector.Of(value.Object("spec", "selector")) ?? new([]);
        var pods = registry.Store.DependentsOf(target.Uid)
            .Where(pod => pod is { Deleting: false, Pod: { HasEnded: false, Ready: true } } && selector.Matches(pod.Labels)).ToList();
        var asked = (hpa.Array("spec", "metrics") ?? []).Select(metric => Ask(metric, pods, current)).ToList();

        // The size that it finds is its first recommendation, so that its window for going down holds from the first look on.
        var memory = _memories.TryGetValue(entry.Uid, out var known) ? known : _memories[entry.Uid] = new() { Recommended = { new(now, current) } };
        memory.Forget(now - Remembered);
        var replicas = current;
        if (asked.Max(answer => answer.Desired) is { } desired)
        {
            replicas = Autoscaling.Allowed(hpa.Object("spec"), current, desired, memory.Recommended, memory.Done, now);
            memory.Recommended.Add(new(now, desired));
            if (replicas != current)
            {
                memory.Done.Add(new(now, replicas - current));
            }
        }
        else
        {
            // The bounds hold even when nothing is known.
            replicas = Math.Clamp(current, (int)(hpa.Number("spec", "minReplicas") ?? 1), (int)(hpa.Number("spec", "maxReplicas") ?? current));
        }

        if (replicas != current)
        {
            registry.Edit(target, Writer.Cluster with { Subresource = "scale" }, edited => edited.Child("spec")["replicas"] = replicas);
            Recorder.Tell(registry, entry, "SuccessfulRescale", $"New size: {replicas}", "horizontal-pod-autoscaler");
        }

        // Most of the time there is nothing new to tell, and hundreds of autoscalers have nothing new to tell at once.
        var news = $"{entry.Version} {current} {replicas} {string.Join(' ', asked.Select(answer => answer.Current?.ToJsonString()))}";
        if (memory.Told != news)
        {
            Tell(entry, current, replicas, asked, now);
            memory.Told = $"{registry.Store.Find(entry.Uid)?.Version}{news[news.IndexOf(' ', StringComparison.Ordinal)..]}";
        }
    }

    private (int? Desired, JsonObject? Current) Ask(JsonNode? metric, List<Entry> pods, int current)
    {
        var resource = metric.Text("resource", "name");
        if (metric.Text("type") != "Resource" || resource is not ("cpu" or "memory"))
        {
            return (null, null);
        }

        var (used, requested, known) = (0m, 0m, 0);
        foreach (var pod in pods)
        {
            if (metrics.Of(pod.Namespace!, pod.Name) is not { } usage)
            {
                continue;
            }

            known++;
            used += resource == "cpu" ? usage.CpuMillis / 1000m : usage.MemoryBytes;
            requested += resource == "cpu" ? pod.Pod!.CpuMillis / 1000m : pod.Pod!.MemoryBytes;
        }

        var desired = Autoscaling.Desired(metric.Node("resource", "target"), new(pods.Count, used, requested, known), current);
        return desired is null ? (null, null) : (desired, Seen(resource, used / known, requested == 0 ? null : (int)(used * 100 / requested)));
    }

    private static JsonObject Seen(string resource, decimal average, int? utilization)
    {
        var seen = new JsonObject
        {
            ["averageValue"] = resource == "cpu" ? $"{(long)(average * 1000)}m" : ((long)average).ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
        if (utilization is { } percent)
        {
            seen["averageUtilization"] = percent;
        }

        return new() { ["type"] = "Resource", ["resource"] = new JsonObject { ["name"] = resource, ["current"] = seen } };
    }

    private void Tell(Entry entry, int current, int replicas, List<(int? Desired, JsonObject? Current)> asked, DateTimeOffset now) =>
        registry.Edit(entry, Writer.ClusterStatus, value =>
        {
            var status = value.Child("status");
            (status["currentReplicas"], status["desiredReplicas"]) = (current, replicas);
            status["observedGeneration"] = value.Number("metadata", "generation") ?? 1;
            if (current != replicas)
            {
                status["lastScaleTime"] = now.Stamp();
            }

            JsonArray seen = [.. asked.Select(answer => answer.Current).OfType<JsonObject>()];
            status.SetList("currentMetrics", seen);
            Conditions.Set(value, "AbleToScale", "True", "ReadyForNewScale", "recommended size matches current size", now);
            if (seen.Count > 0)
            {
                Conditions.Set(value, "ScalingActive", "True", "ValidMetricFound", "the HPA was able to calculate a replica count", now);
            }
            else
            {
                Conditions.Set(
                    value, "ScalingActive", "False", "FailedGetResourceMetric", "the HPA was unable to compute the replica count: no metrics", now);
            }
        });

    private void Fail(Entry entry, string type, string reason, string message, DateTimeOffset now) =>
        registry.Edit(entry, Writer.ClusterStatus, value => Conditions.Set(value, type, "False", reason, message, now));

    private sealed class Memory
    {
        public List<Recommended> Recommended { get; } = [];

        public List<Scaled> Done { get; } = [];

        public string? Told { get; set; }

        public void Forget(DateTimeOffset before)
        {
            Recommended.RemoveAll(wish => wish.At < before);
            Done.RemoveAll(change => change.At < before);
        }
    }
}
