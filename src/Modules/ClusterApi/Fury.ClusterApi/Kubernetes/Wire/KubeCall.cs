using System.Text.Json.Nodes;

namespace Fury.ClusterApi.Kubernetes.Wire;

/// <summary>
/// One request. All that Fury sends may be sent twice: creates carry the object's name, so a repeat of one that had arrived is a conflict that
/// the caller knows how to read.
/// </summary>
/// <param name="Verb">As permissions name it, for the refusal: <c>create</c>, <c>patch</c>, <c>list</c>…</param>
/// <param name="Resource">As permissions name it: <c>replicasets.apps</c>.</param>
internal sealed record KubeCall(HttpMethod Method, string Path, string Verb, string Resource)
{
    /// <summary>Whose fields are whose in the server's books.</summary>
    public const string Manager = "fury";

    private const string JsonType = "application/json";

    public static readonly TimeSpan TimeoutDefault = TimeSpan.FromSeconds(30);

    public JsonNode? Body { get; init; }

    public string ContentType { get; init; } = JsonType;

    public TimeSpan Timeout { get; init; } = TimeoutDefault;

    public static KubeCall Get(KubeResource resource, string? space, string name) => new(HttpMethod.Get, resource.One(space, name), "get", resource.Name);

    public static KubeCall GetPath(string path, string resource) => new(HttpMethod.Get, path, "get", resource);

    public static KubeCall Create(KubeResource resource, string? space, JsonNode body) =>
        new(HttpMethod.Post, $"{resource.In(space)}?fieldManager={Manager}", "create", resource.Name) { Body = body };

    /// <summary>
    /// Server-side apply: the fields in <paramref name="body"/> become Fury's and get these values, fields of Fury's that are not in it go, and
    /// fields of others stay as they are. By force, since a field that Fury writes is Fury's.
    /// </summary>
    public static KubeCall Apply(KubeResource resource, string? space, string name, JsonNode body) =>
        new(HttpMethod.Patch, $"{resource.One(space, name)}?fieldManager={Manager}&force=true", "patch", resource.Name)
        {
            Body = body,
            ContentType = "application/apply-patch+yaml", // JSON is YAML, and every version takes it under this name.
        };

    /// <summary>Changes the fields that are named and no others; for a change that must not need to know the whole object.</summary>
    public static KubeCall Merge(KubeResource resource, string? space, string name, JsonNode body) =>
        new(HttpMethod.Patch, $"{resource.One(space, name)}?fieldManager={Manager}", "patch", resource.Name)
        {
            Body = body,
            ContentType = "application/merge-patch+json",
        };

    public static KubeCall GetScale(KubeResource resource, string space, string name) =>
        new(HttpMethod.Get, $"{resource.One(space, name)}/scale", "get", $"{resource.Name}/scale");

    /// <summary>Refused with a conflict when the object has changed since <paramref name="scale"/> was read.</summary>
    public static KubeCall PutScale(KubeResource resource, string space, string name, JsonNode scale) =>
        new(HttpMethod.Put, $"{resource.One(space, name)}/scale?fieldManager={Manager}", "update", $"{resource.Name}/scale") { Body = scale };

    public static KubeCall Delete(KubeResource resource, string? space, string name) =>
        new(HttpMethod.Delete, resource.One(space, name), "delete", resource.Name)
        {
            Body = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "DeleteOptions", ["propagationPolicy"] = "Background" },
        };

    public static KubeCall DeleteAll(KubeSelection selection, TimeSpan grace) =>
        new(HttpMethod.Delete, selection.All, "deletecollection", selection.Resource.Name)
        {
            Body = new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "DeleteOptions",
                ["propagationPolicy"] = "Background",
                ["gracePeriodSeconds"] = (long)Math.Ceiling(grace.TotalSeconds),
            },
        };
}
