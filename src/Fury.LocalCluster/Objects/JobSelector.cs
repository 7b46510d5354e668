using System.Text.Json.Nodes;

namespace Fury.LocalCluster;

/// <summary>A job's pods are found by labels that the server gives to its template, unless the caller selects by hand.</summary>
internal static class JobSelector
{
    private const string Prefix = "batch.kubernetes.io/";

    public static void Give(Kind kind, JsonObject value, ClusterVersion version)
    {
        if (kind != AllKinds.Jobs || value.Flag("spec", "manualSelector") == true || value.Object("spec", "template") is not { } template)
        {
            return;
        }

        var uid = value.Text("metadata", "uid")!;
        var labels = template.Child("metadata").Child("labels");
        labels["controller-uid"] = uid;
        labels["job-name"] = value.Text("metadata", "name");
        var selected = "controller-uid";
        if (version.HasPrefixedJobLabels)
        {
            selected = Prefix + selected;
            labels[selected] = uid;
            labels[Prefix + "job-name"] = value.Text("metadata", "name");
        }

        value.Child("spec")["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { [selected] = uid } };
    }
}
