using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>
/// What pods use, as a metrics server tells it (<c>kubectl top pods</c>). The whole of a pod stands with its first container. Pods of which nothing is
/// known are not in it.
/// </summary>
internal sealed class Measures(ObjectStore store, Metrics metrics)
{
    /// <summary>What a metrics server would say that it looks back; told only.</summary>
    private const string Window = "15s";

    public Task Get(Call call)
    {
        var pod = store.Find(AllKinds.Pods, call.Namespace, call.Name!);
        var measured = (pod is null ? null : Measure(call, pod)) ?? throw Refusal.NotFound(call.Kind, call.Name!);
        (measured["kind"], measured["apiVersion"]) = (call.Kind.Name, call.Served.ApiVersion);
        return Answers.Json(call.Http, measured);
    }

    public Task List(Call call)
    {
        var (match, _) = Reads.Selection(call);
        var pods = store.All(AllKinds.Pods, pod => (call.Namespace is null || pod.Namespace == call.Namespace) && match?.Invoke(pod) != false);
        return Answers.Json(call.Http, new JsonObject
        {
            ["kind"] = $"{call.Kind.Name}List",
            ["apiVersion"] = call.Served.ApiVersion,
            ["metadata"] = new JsonObject(),
            ["items"] = new JsonArray([.. pods.OrderBy(pod => pod.Key, StringComparer.Ordinal).Select(pod => Measure(call, pod)).OfType<JsonObject>()]),
        });
    }

    private JsonObject? Measure(Call call, Entry pod)
    {
        if (pod.Pod is not { Node: not null, HasEnded: false } || metrics.Of(pod.Namespace!, pod.Name) is not { } usage)
        {
            return null;
        }

        var value = pod.Read();
        var container = new JsonObject
        {
            ["name"] = value.Array("spec", "containers")![0].Text("name"),
            ["usage"] = new JsonObject { ["cpu"] = $"{usage.CpuMillis}m", ["memory"] = $"{usage.MemoryBytes / 1024}Ki" },
        };
        return new()
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = pod.Name,
                ["namespace"] = pod.Namespace,
                ["creationTimestamp"] = value.Text("metadata", "creationTimestamp"),
                ["labels"] = value.Object("metadata", "labels")?.DeepClone(),
            },
            ["timestamp"] = call.Now.Stamp(),
            ["window"] = Window,
            ["containers"] = new JsonArray(container),
        };
    }
}
