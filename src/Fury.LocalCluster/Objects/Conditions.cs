using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>The conditions in the status of an object, the same for every kind, with the time of their last change.</summary>
internal static class Conditions
{
    /// <summary>Sets the condition; when nothing of it changes, its time stays.</summary>
    public static void Set(JsonObject value, string type, string status, string? reason, string? message, DateTimeOffset now)
    {
        var holder = value.Child("status");
        if (holder["conditions"] is not JsonArray conditions)
        {
            holder["conditions"] = conditions = [];
        }

        if (conditions.FirstOrDefault(item => item.Text("type") == type) is not JsonObject condition)
        {
            condition = new JsonObject { ["type"] = type };
            conditions.Add(condition);
        }

        if (condition.Text("status") != status)
        {
            condition["status"] = status;
            condition["lastTransitionTime"] = now.Stamp();
        }

        condition.Set("reason", reason);
        condition.Set("message", message);
    }

    public static bool Has(JsonObject value, string type, string status = "True") =>
        (value.Array("status", "conditions") ?? []).Any(item => item.Text("type") == type && item.Text("status") == status);
}
