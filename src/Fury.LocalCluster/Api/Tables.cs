using System.Globalization;
using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>Objects as the rows that <c>kubectl get</c> prints.</summary>
internal static class Tables
{
    private const string AgeName = "Age";

    private sealed record Column(string Name, string Type, Func<JsonObject, JsonNode?> Value, int Priority = 0);

    private static readonly Column Name = new("Name", "string", value => value.Text("metadata", "name"));

    private static readonly Dictionary<Kind, Column[]> Columns = new()
    {
        [AllKinds.Pods] =
        [
            new("Ready", "string", Ready),
            new("Status", "string", value => StatusOf(value)),
            new("Restarts", "integer", value => Statuses(value).Sum(status => status.Number("restartCount") ?? 0)),
            Age(),
            new("IP", "string", value => value.Text("status", "podIP") ?? "<none>", 1),
            new("Node", "string", value => value.Text("spec", "nodeName") ?? "<none>", 1),
        ],
        [AllKinds.Nodes] =
        [
            new("Status", "string", NodeStatus),
            new("Roles", "string", _ => "<none>"),
            Age(),
            new("Version", "string", value => value.Text("status", "nodeInfo", "kubeletVersion")),
        ],
        [AllKinds.ReplicaSets] =
        [
            Count("Desired", "spec", "replicas"), Count("Current", "status", "replicas"), Count("Ready", "status", "readyReplicas"), Age(),
        ],
        [AllKinds.Events] =
        [
            new("Type", "string", value => value.Text("type")), new("Reason", "string", value => value.Text("reason")),
            new("Object", "string", value => $"{value.Text("involvedObject", "kind")?.ToLowerInvariant()}/{value.Text("involvedObject", "name")}"),
            new("Message", "string", value => value.Text("message")), Age(),
        ],
        [AllKinds.Namespaces] = [new("Status", "string", value => value.Text("status", "phase")), Age()],
        [AllKinds.Jobs] =
        [
            new("Completions", "string", value => $"{value.Number("status", "succeeded") ?? 0}/{value.Number("spec", "completions") ?? 1}"), Age(),
        ],
        [AllKinds.Autoscalers] =
        [
            new("Reference", "string", value => $"{value.Text("spec", "scaleTargetRef", "kind")}/{value.Text("spec", "scaleTargetRef", "name")}"),
            Count("MinPods", "spec", "minReplicas"), Count("MaxPods", "spec", "maxReplicas"), Count("Replicas", "status", "currentReplicas"), Age(),
        ],
    };

    public static JsonObject Of(Call call, IReadOnlyList<Entry> entries, long version, string? next, int rest)
    {
        Column[] columns = [Name, .. Columns.GetValueOrDefault(call.Kind) ?? [Age()]];
        return new()
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = Render.ListMetadata(version, next, rest),
            ["columnDefinitions"] = new JsonArray([.. columns.Select(Definition)]),
            ["rows"] = new JsonArray([.. entries.Select(entry => Row(columns, entry, call.Now))]),
        };
    }

    private static JsonObject Definition(Column column) => new()
    {
        ["name"] = column.Name,
        ["type"] = column.Type,
        ["format"] = column == Name ? "name" : "",
        ["description"] = "",
        ["priority"] = column.Priority,
    };

    private static JsonObject Row(Column[] columns, Entry entry, DateTimeOffset now)
    {
        var value = entry.Read();
        return new()
        {
            ["cells"] = new JsonArray(
                [.. columns.Select(column => column.Name == AgeName ? JsonValue.Create(Since(value, now)) : column.Value(value)?.DeepClone())]),
            ["object"] = Render.MetadataOf(entry),
        };
    }

    private static Column Age() => new(AgeName, "string", value => value.Text("metadata", "creationTimestamp"));

    private static string Since(JsonObject value, DateTimeOffset now)
    {
        var age = now - (value.Time("metadata", "creationTimestamp") ?? now);
        return age switch
        {
            { TotalMinutes: < 2 } => Whole(Math.Max(0, age.TotalSeconds), "s"),
            { TotalHours: < 2 } => Whole(age.TotalMinutes, "m"),
            { TotalDays: < 2 } => Whole(age.TotalHours, "h"),
            _ => Whole(age.TotalDays, "d"),
        };
    }

    private static string Whole(double value, string unit) => ((long)value).ToString(CultureInfo.InvariantCulture) + unit;

    private static Column Count(string name, string part, string field) => new(name, "integer", value => value.Number(part, field) ?? 0);

    private static JsonArray Statuses(JsonObject pod) => pod.Array("status", "containerStatuses") ?? [];

    private static JsonNode Ready(JsonObject pod) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Statuses(pod).Count(status => status.Flag("ready") == true)}/{pod.Array("spec", "containers")?.Count ?? 0}");

    private static string StatusOf(JsonObject pod)
    {
        if (pod.Node("metadata", "deletionTimestamp") is not null)
        {
            return "Terminating";
        }

        var reason = Statuses(pod).Select(status => status.Text("state", "waiting", "reason") ?? status.Text("state", "terminated", "reason"))
            .FirstOrDefault(text => text is not null);
        return reason ?? pod.Text("status", "reason") ?? pod.Text("status", "phase") ?? "Unknown";
    }

    private static JsonNode NodeStatus(JsonObject node)
    {
        var ready = Conditions.Has(node, "Ready") ? "Ready" : "NotReady";
        return node.Flag("spec", "unschedulable") == true ? $"{ready},SchedulingDisabled" : ready;
    }
}
