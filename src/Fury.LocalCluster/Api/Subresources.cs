using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Fury.LocalCluster;

/// <summary>What can be done to pods and namespaces beside changing them.</summary>
internal sealed class Subresources(Registry registry, IPodLogs logs)
{
    public async Task Log(Call call)
    {
        var entry = Pod(call);
        var pod = entry.Read();
        var container = Container(call, pod);
        var state = (pod.Array("status", "containerStatuses") ?? []).FirstOrDefault(status => status.Text("name") == container).Object("state");
        if (state.Object("waiting") is { } waiting)
        {
            throw Refusal.BadRequest(
                $"container \"{container}\" in pod \"{entry.Name}\" is waiting to start: {waiting.Text("reason") ?? "ContainerCreating"}");
        }

        var query = new LogQuery(
            container, call.QueryNumber("tailLines"), call.QueryFlag("follow"), call.QueryFlag("timestamps"), call.QueryFlag("previous"));
        call.Http.Response.ContentType = "text/plain";
        await call.Http.Response.StartAsync(call.Cancelled);
        await foreach (var line in logs.Read(entry, query, call.Cancelled))
        {
            await call.Http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"), call.Cancelled);
            if (query.Follow)
            {
                await call.Http.Response.Body.FlushAsync(call.Cancelled);
            }
        }
    }

    /// <summary>Deletes the pod if no disruption budget is against it.</summary>
    public async Task Evict(Call call)
    {
        var body = await Bodies.Object(call.Http.Request, call.Cancelled);
        if (body.Text("kind") is not (null or "Eviction"))
        {
            throw Refusal.BadRequest($"kind: Invalid value: \"{body.Text("kind")}\": must be Eviction");
        }

        lock (registry.Store.Sync)
        {
            var entry = Pod(call);
            Disruptions.Allow(registry, entry);
            registry.Delete(call.Kind, call.Namespace, call.Name!, new(
                body.Number("deleteOptions", "gracePeriodSeconds"),
                Uid: body.Text("deleteOptions", "preconditions", "uid"),
                DryRun: call.DryRun));
        }

        await Answers.Json(call.Http, Success(), StatusCodes.Status201Created);
    }

    /// <summary>Gives the pod its node, once.</summary>
    public async Task Bind(Call call)
    {
        var body = await Bodies.Object(call.Http.Request, call.Cancelled);
        var node = body.Text("target", "name");
        if (string.IsNullOrEmpty(node))
        {
            throw Refusal.Invalid(call.Kind, call.Name!, "target.name", node, "must be the name of a node");
        }

        registry.Update(call.Kind, call.Namespace, call.Name!, call.Writer, value =>
        {
            Bind(value, node, registry.Clock.GetUtcNow());
            return value;
        });
        await Answers.Json(call.Http, Success(), StatusCodes.Status201Created);
    }

    public static void Bind(JsonObject pod, string node, DateTimeOffset now)
    {
        var name = pod.Text("metadata", "name")!;
        if (pod.Text("spec", "nodeName") is { Length: > 0 } bound)
        {
            throw Refusal.Conflict(AllKinds.Pods, name, $"pod {name} is already assigned to node \"{bound}\"");
        }

        if (pod.Node("metadata", "deletionTimestamp") is not null)
        {
            throw Refusal.Conflict(AllKinds.Pods, name, $"pod {name} is being deleted, cannot be assigned to a host");
        }

        pod.Child("spec")["nodeName"] = node;
        Conditions.Set(pod, "PodScheduled", "True", null, null, now);
    }

    /// <summary>Takes off the finalizers of a namespace's spec; the last one lets it go.</summary>
    public async Task Finalize(Call call)
    {
        var body = await Bodies.Object(call);
        var entry = registry.Update(call.Kind, null, call.Name!, call.Writer, value =>
        {
            value.Child("spec")["finalizers"] = body.Array("spec", "finalizers")?.DeepClone() ?? new JsonArray();
            return value;
        });
        await Answers.Object(call, entry);
    }

    private Entry Pod(Call call) => registry.Store.Get(call.Kind, call.Namespace, call.Name!);

    private static string Container(Call call, JsonObject pod)
    {
        var names = (pod.Array("spec", "containers") ?? []).Concat(pod.Array("spec", "initContainers") ?? [])
            .Select(container => container.Text("name")!).ToList();
        return call.Query("container") switch
        {
            { } given when names.Contains(given) => given,
            { } given => throw Refusal.BadRequest($"container {given} is not valid for pod {call.Name}"),
            null when names.Count == 1 => names[0],
            null => throw Refusal.BadRequest(
                $"a container name must be specified for pod {call.Name}, choose one of: [{string.Join(' ', names)}]"),
        };
    }

    private static JsonObject Success() => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Success",
        ["code"] = StatusCodes.Status201Created,
    };
}
