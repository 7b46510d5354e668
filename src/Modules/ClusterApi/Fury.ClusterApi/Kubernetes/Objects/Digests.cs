using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fury.ClusterApi.Contracts;
using Fury.Kernel;

namespace Fury.ClusterApi.Kubernetes.Objects;

/// <summary>
/// What was asked for, as a number, so that a repeat is told from another wish. Over the neutral records and not over the objects: a newer
/// Fury, or a newer dialect, that writes them differently must not take an old pool for another one.
/// </summary>
internal static class Digests
{
    public static string Of(ReplicaTemplate template) => Hash(Node(template));

    /// <summary>All but the id and the token.</summary>
    public static string Of(PoolWorkload workload) => Hash(new JsonObject
    {
        ["template"] = Node(workload.Template),
        ["marks"] = Node(workload.Marks),
        ["replicas"] = workload.Replicas,
        ["scaling"] = JsonSerializer.SerializeToNode(workload.Scaling, FuryJson.Options),
        ["unavailableMax"] = workload.UnavailableMax,
    });

    public static string Of(JobWorkload job) => Hash(new JsonObject
    {
        ["template"] = Node(job.Template),
        ["marks"] = Node(job.Marks),
        ["retries"] = job.Retries,
        ["deadline"] = job.Deadline.Ticks,
        ["keepFor"] = job.KeepFor.Ticks,
    });

    /// <summary>What it can run on counts where it is told: pools from before it could be told are what they were.</summary>
    private static JsonObject Node(Artifact artifact)
    {
        var node = JsonSerializer.SerializeToNode(artifact, FuryJson.Options)!.AsObject();
        if (artifact.Architectures.Count == 0)
        {
            node.Remove("architectures");
        }

        return node;
    }

    private static JsonNode Node(WorkloadMarks marks) => $"{marks.Scope}@{marks.Release}";

    private static JsonObject Node(ReplicaTemplate template) => new()
    {
        ["artifact"] = Node(template.Artifact),
        ["environment"] = template.Environment.ToSortedJson(),
        ["size"] = JsonSerializer.SerializeToNode(template.Size, FuryJson.Options),
        ["port"] = template.Port,
        ["health"] = template.HealthPath,
        ["grace"] = template.Grace.Ticks,
        ["spread"] = template.Spread.ToString(),
        ["requires"] = (template.Requires ?? new Dictionary<string, string>()).ToSortedJson(),
        ["tolerates"] = new JsonArray([.. (template.Tolerates ?? []).Order(StringComparer.Ordinal).Select(key => JsonValue.Create(key))]),
    };

    private static string Hash(JsonNode node) => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(node)))[..32];
}
