using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>The number of replicas of an object, in a form that is the same for every kind that has it.</summary>
internal sealed class Scales(Registry registry)
{
    private const string ApiVersion = "autoscaling/v1";

    public Task Get(Call call) => Answers.Json(call.Http, Of(registry.Store.Get(call.Kind, call.Namespace, call.Name!)));

    public async Task Update(Call call)
    {
        var scale = await Bodies.Object(call.Http.Request, call.Cancelled);
        await Write(call, _ => scale);
    }

    public async Task Patch(Call call)
    {
        var type = Bodies.TypeOf(call.Http.Request);
        if (type == Patches.ApplyType)
        {
            throw Refusal.UnsupportedMediaType(type, string.Join(", ", Patches.Types));
        }

        var patch = Patches.Read(type, await Bodies.Bytes(call.Http.Request, call.Cancelled));
        await Write(call, patch);
    }

    public static JsonObject Of(Entry entry)
    {
        var value = entry.Read();
        var metadata = new JsonObject();
        foreach (var name in (string[])["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            metadata[name] = value.Text("metadata", name);
        }

        return new()
        {
            ["kind"] = "Scale",
            ["apiVersion"] = ApiVersion,
            ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["replicas"] = value.Number("spec", "replicas") ?? 0 },
            ["status"] = new JsonObject
            {
                ["replicas"] = value.Number("status", "replicas") ?? 0,
                ["selector"] = LabelSelector.Of(value.Object("spec", "selector"))?.ToString() ?? "",
            },
        };
    }

    private Task Write(Call call, Func<JsonObject, JsonObject> change)
    {
        lock (registry.Store.Sync)
        {
            var entry = registry.Store.Get(call.Kind, call.Namespace, call.Name!);
            var scale = change(Of(entry));
            if (scale.Number("spec", "replicas") is not { } replicas || replicas < 0)
            {
                throw Refusal.Invalid(
                    call.Kind, entry.Name, "spec.replicas", scale.Scalar("spec", "replicas"), "must be a number greater than or equal to 0");
            }

            var updated = registry.Update(call.Kind, call.Namespace, entry.Name, call.Writer, value =>
            {
                value.Child("spec")["replicas"] = replicas;
                value.Child("metadata")["resourceVersion"] = scale.Text("metadata", "resourceVersion");
                return value;
            });
            return Answers.Json(call.Http, Of(updated));
        }
    }
}
