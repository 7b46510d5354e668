using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>Writes events about objects. The same news again counts up the event that is there.</summary>
internal static class Recorder
{
    public static void Warn(Registry registry, Entry about, string reason, string message, string component) =>
        Write(registry, about, "Warning", reason, message, component);

    public static void Tell(Registry registry, Entry about, string reason, string message, string component) =>
        Write(registry, about, "Normal", reason, message, component);

    private static void Write(Registry registry, Entry about, string type, string reason, string message, string component)
    {
        var ns = about.Namespace ?? "default";
        var name = $"{about.Name}.{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(
            System.Text.Encoding.UTF8.GetBytes($"{about.Uid}{reason}{message}")))[..16]}";
        var now = registry.Clock.GetUtcNow().Stamp();
        try
        {
            if (registry.Store.Find(AllKinds.Events, ns, name) is { } known)
            {
                registry.Edit(known, Writer.Cluster, value =>
                {
                    value["count"] = (value.Number("count") ?? 1) + 1;
                    value["lastTimestamp"] = now;
                });
                return;
            }

            registry.Create(AllKinds.Events, ns, Event(about, ns, name, (type, reason, message), component, now), Writer.Cluster);
        }
        catch (Refusal)
        {
            // The namespace is on its way out; its events go with it.
        }
    }

    private static JsonObject Event(
        Entry about, string ns, string name, (string Type, string Reason, string Message) news, string component, string now) => new()
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
            ["involvedObject"] = new JsonObject
            {
                ["kind"] = about.Kind.Name,
                ["namespace"] = about.Namespace,
                ["name"] = about.Name,
                ["uid"] = about.Uid.ToString(),
                ["apiVersion"] = about.Kind.StoredApiVersion,
                ["resourceVersion"] = about.Version.ToString(System.Globalization.CultureInfo.InvariantCulture),
            },
            ["reason"] = news.Reason,
            ["message"] = news.Message,
            ["type"] = news.Type,
            ["count"] = 1,
            ["firstTimestamp"] = now,
            ["lastTimestamp"] = now,
            ["source"] = new JsonObject { ["component"] = component },
            ["reportingComponent"] = component,
            ["reportingInstance"] = "",
        };
}
