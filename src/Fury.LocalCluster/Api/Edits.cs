using System.Buffers;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Fury.LocalCluster;

/// <summary>Creates, updates, patches and deletions of whole objects and of their status.</summary>
internal sealed class Edits(Registry registry)
{
    public async Task Create(Call call)
    {
        var value = await Bodies.Object(call);
        var entry = registry.Create(call.Kind, call.Namespace, value, call.Writer);
        await Answers.Object(call, entry, StatusCodes.Status201Created);
    }

    public async Task Update(Call call)
    {
        var value = await Bodies.Object(call);
        var entry = registry.Update(call.Kind, call.Namespace, call.Name!, call.Writer, _ => value);
        await Answers.Object(call, entry);
    }

    public async Task Patch(Call call)
    {
        var type = Bodies.TypeOf(call.Http.Request);
        var body = await Bodies.Bytes(call.Http.Request, call.Cancelled);
        if (type == Patches.ApplyType)
        {
            await Apply(call, body);
            return;
        }

        var patch = Patches.Read(type, body);
        var entry = registry.Update(call.Kind, call.Namespace, call.Name!, call.Writer, stored => Patched(call, stored, patch));
        await Answers.Object(call, entry);
    }

    public async Task Delete(Call call)
    {
        var options = await Options(call);
        var (entry, gone) = registry.Delete(call.Kind, call.Namespace, call.Name!, options);
        await (gone
            ? Answers.Json(call.Http, Refusal.Success(call.Kind, entry.Name, entry.Uid))
            : Answers.Object(call, entry));
    }

    public async Task DeleteCollection(Call call)
    {
        var options = await Options(call);
        var (match, _) = Reads.Selection(call);
        var part = registry.Store.List(new(call.Kind, call.Namespace, match, null, null, 0))!;
        foreach (var entry in part.Entries)
        {
            try
            {
                registry.Delete(call.Kind, entry.Namespace, entry.Name, options);
            }
            catch (Refusal gone) when (gone.Code == StatusCodes.Status404NotFound)
            {
                // Somebody else was faster.
            }
        }

        var buffer = new ArrayBufferWriter<byte>(4096);
        Render.List(buffer, call, part, null, Shape.Whole, tellsRest: false);
        await Answers.Bytes(call.Http, StatusCodes.Status200OK, buffer.WrittenMemory);
    }

    internal static JsonObject Patched(Call call, JsonObject stored, Func<JsonObject, JsonObject> patch) =>
        Bodies.ToStored(call.Served, call.Namespace, patch(Render.ServedForm(call.Served, stored)));

    /// <summary>Creates the object when it is not there, unless a part of it is applied.</summary>
    private async Task Apply(Call call, byte[] body)
    {
        if (call.Query("fieldManager") is null)
        {
            throw Refusal.BadRequest("PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
        }

        var applied = YamlText.Parse(body);
        if (applied.Text("apiVersion") is null || applied.Text("kind") is null)
        {
            throw Refusal.BadRequest("an applied object must name its apiVersion and kind");
        }

        if (applied.Node("metadata", "managedFields") is JsonArray { Count: > 0 })
        {
            throw Refusal.BadRequest("metadata.managedFields must be nil");
        }

        if (applied.Text("metadata", "name") is { } name && name != call.Name)
        {
            throw Refusal.BadRequest($"metadata.name: Invalid value: \"{name}\": must be {call.Name}, as the address says");
        }

        var config = Bodies.ToStored(call.Served, call.Namespace, applied);
        var force = call.QueryFlag("force");
        var (entry, created) = ServerSideApply.Run(registry, call, config, force);
        await Answers.Object(call, entry, created ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    /// <summary>From the body, or else from the query.</summary>
    private static async Task<DeleteOptions> Options(Call call)
    {
        var body = await Bodies.Bytes(call.Http.Request, call.Cancelled);
        var given = body.Length == 0 ? null : Bodies.ParseJson(body);
        var propagation = given.Text("propagationPolicy") ?? call.Query("propagationPolicy")
            ?? ((given.Flag("orphanDependents") ?? call.QueryFlag("orphanDependents")) ? "Orphan" : "Background");
        if (propagation is not ("Background" or "Foreground" or "Orphan"))
        {
            throw Refusal.BadValue("propagationPolicy", propagation, "Background, Foreground or Orphan");
        }

        if (given.Node("gracePeriodSeconds") is { } grace && grace.Number() is not >= 0)
        {
            throw Refusal.BadValue("gracePeriodSeconds", grace.Scalar(), "a number that is not below 0");
        }

        return new(
            given.Number("gracePeriodSeconds") ?? call.QueryNumber("gracePeriodSeconds"),
            propagation,
            given.Text("preconditions", "uid"),
            given.Text("preconditions", "resourceVersion"),
            call.DryRun || given.Array("dryRun") is { Count: > 0 });
    }
}
