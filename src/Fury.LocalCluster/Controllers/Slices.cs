using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>Keeps one endpoint slice for each service that selects pods: their addresses, and whether they are ready.</summary>
internal sealed class Slices(Registry registry) : IController
{
    /// <summary>Of one slice; Kubernetes splits them at this number. Pods beyond it are left out here.</summary>
    private const int EndpointsMax = 1000;

    private const string Manager = "endpointslice-controller.k8s.io";

    private readonly Selecting _selecting = new(
        registry.Store,
        AllKinds.Services,
        service => service.Object("spec", "selector") is { Count: > 0 } selector ? LabelSelector.OfMap(selector) : null);

    public void Note(Change change) => _selecting.Note(change);

    public DateTimeOffset? Pass()
    {
        foreach (var (service, pods) in _selecting.Take())
        {
            Keep(service, service.Read(), pods);
        }

        return null;
    }

    private void Keep(Entry service, JsonObject value, IReadOnlyCollection<Entry> selected)
    {
        var pods = selected.OrderBy(pod => pod.Key, StringComparer.Ordinal).Take(EndpointsMax).Select(pod => (Entry: pod, Value: pod.Read()))
            .Where(pod => pod.Value.Text("status", "podIP") is not null).ToList();
        var endpoints = new JsonArray([.. pods.Select(pod => Endpoint(pod.Entry, pod.Value))]);
        var ports = new JsonArray([.. (value.Array("spec", "ports") ?? []).Select(port => Port(port, pods.Select(pod => pod.Value).FirstOrDefault()))]);
        try
        {
            var name = service.Name + "-local";
            if (registry.Store.Find(AllKinds.EndpointSlices, service.Namespace, name) is { } slice)
            {
                registry.Edit(slice, Writer.Cluster, edited => (edited["endpoints"], edited["ports"]) = (endpoints, ports));
                return;
            }

            var labels = new JsonObject { ["kubernetes.io/service-name"] = service.Name, ["endpointslice.kubernetes.io/managed-by"] = Manager };
            var metadata = new JsonObject
            {
                ["name"] = name,
                ["labels"] = labels,
                ["ownerReferences"] = new JsonArray(PodTemplates.Reference(AllKinds.Services, value)),
            };
            registry.Create(
                AllKinds.EndpointSlices,
                service.Namespace,
                new() { ["metadata"] = metadata, ["addressType"] = "IPv4", ["endpoints"] = endpoints, ["ports"] = ports },
                Writer.Cluster);
        }
        catch (Refusal)
        {
            // The namespace is on its way out.
        }
    }

    private static JsonObject Endpoint(Entry entry, JsonObject pod) => new()
    {
        ["addresses"] = new JsonArray(pod.Text("status", "podIP")),
        ["conditions"] = new JsonObject
        {
            ["ready"] = entry.Pod!.Ready && !entry.Deleting,
            ["serving"] = entry.Pod.Ready,
            ["terminating"] = entry.Deleting,
        },
        ["nodeName"] = entry.Pod.Node,
        ["targetRef"] = new JsonObject
        {
            ["kind"] = "Pod",
            ["namespace"] = entry.Namespace,
            ["name"] = entry.Name,
            ["uid"] = entry.Uid.ToString(),
        },
    };

    /// <summary>A target that is named is looked up in the pod.</summary>
    private static JsonObject Port(JsonNode? port, JsonObject? pod)
    {
        var target = port.Number("targetPort") ?? (pod.Array("spec", "containers") ?? [])
            .SelectMany(container => container.Array("ports") ?? [])
            .FirstOrDefault(given => given.Text("name") == port.Text("targetPort")).Number("containerPort");
        return new()
        {
            ["name"] = port.Text("name") ?? "",
            ["port"] = target ?? port.Number("port"),
            ["protocol"] = port.Text("protocol") ?? "TCP",
        };
    }
}
