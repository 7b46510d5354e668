using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>Makes pods, and jobs, from the templates of those that own them.</summary>
internal static class PodTemplates
{
    /// <summary>A new pod of the owner's template, to be given a name that begins with the owner's.</summary>
    public static JsonObject Pod(Kind kind, JsonObject owner)
    {
        var pod = Of(kind, owner, owner.Object("spec", "template"));
        pod.Child("metadata")["generateName"] = $"{owner.Text("metadata", "name")}-";
        return pod;
    }

    /// <summary>A new object of the template, without a name.</summary>
    public static JsonObject Of(Kind kind, JsonObject owner, JsonObject? template)
    {
        var metadata = template.Object("metadata")?.DeepClone().AsObject() ?? [];
        metadata.Remove("creationTimestamp");
        metadata.Remove("name");
        metadata["ownerReferences"] = new JsonArray(Reference(kind, owner));
        return new() { ["metadata"] = metadata, ["spec"] = template.Object("spec")?.DeepClone() ?? new JsonObject() };
    }

    public static JsonObject Reference(Kind kind, JsonObject owner) => new()
    {
        ["apiVersion"] = kind.StoredApiVersion,
        ["kind"] = kind.Name,
        ["name"] = owner.Text("metadata", "name"),
        ["uid"] = owner.Text("metadata", "uid"),
        ["controller"] = true,
        ["blockOwnerDeletion"] = true,
    };
}
