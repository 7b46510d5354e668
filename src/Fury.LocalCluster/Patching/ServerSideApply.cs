using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Fury.LocalCluster;

/// <summary>
/// Server-side apply: the caller says which fields it wants, with their values. It becomes their owner; a field that another manager owns with another
/// value is a conflict unless forced; a field that it applied before and does not any more is removed, unless somebody else owns it too.
/// </summary>
internal static class ServerSideApply
{
    /// <param name="config">What is applied, in its stored form.</param>
    public static (Entry Entry, bool Created) Run(Registry registry, Call call, JsonObject config, bool force)
    {
        if (call.Subresource is null && call.Kind.HasStatus)
        {
            config.Remove("status");
        }

        var applied = Fields.Of(config);
        var writer = call.Writer with { Applied = applied };
        lock (registry.Store.Sync)
        {
            if (registry.Store.Find(call.Kind, call.Namespace, call.Name!) is { } existing)
            {
                if (config.Text("metadata", "uid") is { } uid && uid != existing.Uid.ToString())
                {
                    throw Refusal.Conflict(
                        call.Kind, call.Name!, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {existing.Uid}");
                }

                return (registry.Update(call.Kind, call.Namespace, call.Name!, writer, live => Onto(live, config, writer, force, registry.Clock)), false);
            }

            if (call.Subresource is not null)
            {
                throw Refusal.NotFound(call.Kind, call.Name!);
            }

            config.Child("metadata")["name"] = call.Name;
            return (registry.Create(call.Kind, call.Namespace, config, writer), true);
        }
    }

    /// <summary>Writes down the share of a manager that has just created the object by applying it.</summary>
    public static void Own(JsonObject value, Writer writer, DateTimeOffset now) => ManagedFields.Write(
        value, [new(writer.Manager!, "Apply", writer.ApiVersion, ManagedFields.Part(writer), now.Stamp(), writer.Applied!)]);

    /// <summary>What the live object becomes.</summary>
    public static JsonObject Onto(JsonObject live, JsonObject config, Writer writer, bool force, TimeProvider clock)
    {
        var mine = new Share(writer.Manager!, "Apply", writer.ApiVersion, ManagedFields.Part(writer), clock.GetUtcNow().Stamp(), writer.Applied!);
        var shares = ManagedFields.Read(live);
        var last = shares.FirstOrDefault(share => share.SameAs(mine));
        var others = shares.Where(share => !share.SameAs(mine)).ToList();
        var merged = Merge(live.DeepClone().AsObject(), config, []);
        var (changed, _) = Fields.Compare(live, merged);
        var overridden = changed.Both(writer.Applied!);
        if (!force)
        {
            Refuse(others, overridden);
        }

        others = [.. others.Select(share => share with { Fields = share.Fields.Without(overridden) })];
        if (last is not null)
        {
            var owned = others.Aggregate(writer.Applied!, (all, share) => all.Union(share.Fields));
            Prune(merged, last.Fields.Without(owned), owned, []);
        }

        // Applying the same again changes nothing, not even the time.
        var same = last is not null && last.ApiVersion == mine.ApiVersion && JsonNode.DeepEquals(last.Fields.Write(), mine.Fields.Write());
        ManagedFields.Write(merged, others.Append(same ? last! : mine));
        if (config.Text("metadata", "resourceVersion") is { } seen)
        {
            merged.Child("metadata")["resourceVersion"] = seen;
        }

        return merged;
    }

    private static void Refuse(List<Share> others, FieldSet overridden)
    {
        var causes = others
            .SelectMany(share => share.Fields.Both(overridden).Paths().Select(path =>
                new Cause("FieldManagerConflict", $"conflict with {share.Described}", path)))
            .ToList();
        if (causes.Count > 0)
        {
            throw Refusal.ApplyConflicts(causes);
        }
    }

    private static JsonObject Merge(JsonObject live, JsonObject config, List<string> path)
    {
        foreach (var (name, value) in config)
        {
            path.Add(name);
            switch (value)
            {
                case JsonObject child when live[name] is JsonObject existing && !ListShapes.IsWholeMap(name):
                    Merge(existing, child, path);
                    break;
                case JsonArray list when live[name] is JsonArray existing && ListShapes.ForApply(path) is { } shape:
                    live[name] = Members(existing, list, shape, path);
                    break;
                case null:
                    break;
                default:
                    live[name] = value.DeepClone();
                    break;
            }

            path.RemoveAt(path.Count - 1);
        }

        return live;
    }

    private static JsonArray Members(JsonArray live, JsonArray config, ListShape shape, List<string> path)
    {
        List<JsonNode?> result = [.. live.Select(member => member?.DeepClone())];
        foreach (var member in config)
        {
            var element = Fields.ElementOf(member, shape) ?? throw Refusal.BadRequest(
                $".{string.Join('.', path)}: a member of this list must have {string.Join(" and ", shape.Keys)}: {member?.ToJsonString()}");
            var place = result.FindIndex(existing => Fields.ElementOf(existing, shape) == element);
            if (place < 0)
            {
                result.Add(member?.DeepClone());
            }
            else if (member is JsonObject fields && result[place] is JsonObject existing)
            {
                result[place] = Merge(existing, fields, path);
            }
        }

        return [.. result];
    }

    /// <summary>Takes away what is given up, and whatever is left empty by that.</summary>
    private static void Prune(JsonObject value, FieldSet given, FieldSet owned, List<string> path)
    {
        foreach (var (element, below) in given.Children)
        {
            var name = element[2..];
            if (!element.StartsWith("f:", StringComparison.Ordinal) || value[name] is not { } field)
            {
                continue;
            }

            path.Add(name);
            var kept = owned.Find(element);
            if (field is JsonArray list && ListShapes.ForApply(path) is { } shape && below.Children.Count > 0)
            {
                PruneMembers(list, below, kept, shape, path);
                if (list.Count == 0)
                {
                    value.Remove(name);
                }
            }
            else if (field is JsonObject child && below.Children.Count > 0)
            {
                Prune(child, below, kept ?? new(), path);
                if (child.Count == 0)
                {
                    value.Remove(name);
                }
            }
            else if (below.Member && kept is null)
            {
                value.Remove(name);
            }

            path.RemoveAt(path.Count - 1);
        }
    }

    private static void PruneMembers(JsonArray list, FieldSet given, FieldSet? owned, ListShape shape, List<string> path)
    {
        foreach (var member in list.ToList())
        {
            if (Fields.ElementOf(member, shape) is not { } element || given.Find(element) is not { } below)
            {
                continue;
            }

            if (below.Member && owned?.Find(element) is null)
            {
                list.Remove(member);
            }
            else if (member is JsonObject fields)
            {
                Prune(fields, below, owned?.Find(element) ?? new(), path);
            }
        }
    }
}
