using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>
/// What differs between the versions of a kind, in place. Whatever one version cannot say is kept in an annotation, so that nothing is lost on
/// the way through it and back.
/// </summary>
internal static class Conversions
{
    private const string OtherMetrics = "autoscaling.alpha.kubernetes.io/metrics";
    private const string Behavior = "autoscaling.alpha.kubernetes.io/behavior";
    private const string Conditions = "autoscaling.alpha.kubernetes.io/conditions";
    private const string CurrentMetrics = "autoscaling.alpha.kubernetes.io/current-metrics";
    private const string ZoneTopology = "topology.kubernetes.io/zone";
    private const string HostTopology = "kubernetes.io/hostname";

    /// <summary>One CPU target has a field of its own in v1; other metrics and the behavior become annotations.</summary>
    public static void AutoscalerToV1(JsonObject hpa)
    {
        if (hpa.Object("spec") is { } spec)
        {
            var others = new JsonArray();
            foreach (var metric in spec.Array("metrics") ?? [])
            {
                if (metric.Text("resource", "name") == "cpu" && metric.Node("resource", "target", "averageUtilization") is { } target
                    && spec["targetCPUUtilizationPercentage"] is null)
                {
                    spec["targetCPUUtilizationPercentage"] = target.DeepClone();
                }
                else
                {
                    others.Add(metric?.DeepClone());
                }
            }

            Annotate(hpa, OtherMetrics, others.Count > 0 ? others : null);
            Annotate(hpa, Behavior, spec["behavior"]);
            spec.Remove("metrics");
            spec.Remove("behavior");
        }

        if (hpa.Object("status") is { } status)
        {
            var cpu = (status.Array("currentMetrics") ?? []).FirstOrDefault(metric => metric.Text("resource", "name") == "cpu");
            if (cpu.Node("resource", "current", "averageUtilization") is { } utilization)
            {
                status["currentCPUUtilizationPercentage"] = utilization.DeepClone();
            }

            Annotate(hpa, Conditions, status["conditions"]);
            Annotate(hpa, CurrentMetrics, status["currentMetrics"]);
            status.Remove("conditions");
            status.Remove("currentMetrics");
        }
    }

    public static void AutoscalerFromV1(JsonObject hpa)
    {
        var spec = hpa.Object("spec");
        if (spec is not null)
        {
            var metrics = Annotation(hpa, OtherMetrics) as JsonArray ?? [];
            if (spec.Node("targetCPUUtilizationPercentage") is { } target)
            {
                metrics.Insert(0, new JsonObject
                {
                    ["type"] = "Resource",
                    ["resource"] = new JsonObject
                    {
                        ["name"] = "cpu",
                        ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = target.DeepClone() },
                    },
                });
            }

            spec.Remove("targetCPUUtilizationPercentage");
            spec.SetList("metrics", metrics);
            spec.Set("behavior", Annotation(hpa, Behavior));
        }

        if (hpa.Object("status") is { } status)
        {
            status.Remove("currentCPUUtilizationPercentage");
            status.Set("conditions", Annotation(hpa, Conditions));
            status.Set("currentMetrics", Annotation(hpa, CurrentMetrics));
        }
    }

    /// <summary>The zone and the node of an endpoint were labels of its topology before they were fields.</summary>
    public static void SliceToBeta(JsonObject slice)
    {
        foreach (var endpoint in (slice.Array("endpoints") ?? []).OfType<JsonObject>())
        {
            var topology = (endpoint["deprecatedTopology"] as JsonObject)?.DeepClone().AsObject() ?? [];
            Move(endpoint, "zone", topology, ZoneTopology);
            if (endpoint.Text("nodeName") is { } node)
            {
                topology[HostTopology] = node;
            }

            endpoint.Remove("deprecatedTopology");
            endpoint.Set("topology", topology.Count > 0 ? topology : null);
        }
    }

    public static void SliceFromBeta(JsonObject slice)
    {
        foreach (var endpoint in (slice.Array("endpoints") ?? []).OfType<JsonObject>())
        {
            if (endpoint["topology"]?.DeepClone() is not JsonObject topology)
            {
                continue;
            }

            Move(topology, ZoneTopology, endpoint, "zone");
            if (endpoint["nodeName"] is null && topology.Text(HostTopology) is { } node)
            {
                endpoint["nodeName"] = node;
            }

            topology.Remove(HostTopology);
            endpoint.Remove("topology");
            endpoint.Set("deprecatedTopology", topology.Count > 0 ? topology : null);
        }
    }

    private static void Move(JsonObject from, string name, JsonObject to, string newName)
    {
        if (from[name] is { } value)
        {
            from.Remove(name);
            to[newName] = value;
        }
    }

    private static void Annotate(JsonObject target, string name, JsonNode? value)
    {
        if (value is not null)
        {
            target.Child("metadata").Child("annotations")[name] = value.ToJsonString();
        }
    }

    /// <summary>The value kept under the annotation, which is taken away; null when there is none or when it is no JSON.</summary>
    private static JsonNode? Annotation(JsonObject target, string name)
    {
        if (target.Object("metadata", "annotations") is not { } annotations || annotations.Text(name) is not { } text)
        {
            return null;
        }

        annotations.Remove(name);
        if (annotations.Count == 0)
        {
            target.Object("metadata")!.Remove("annotations");
        }

        return JsonText.TryParse(text);
    }
}
