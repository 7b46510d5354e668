using System.Text.Json.Serialization;
using Fury.Kernel;

namespace Fury.ClusterApi.Contracts;

/// <summary>What a watch tells. A closed list.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "news")]
[JsonDerivedType(typeof(ReplicaSeen), "replica-seen")]
[JsonDerivedType(typeof(ReplicaGone), "replica-gone")]
[JsonDerivedType(typeof(NodeSeen), "node-seen")]
[JsonDerivedType(typeof(NodeGone), "node-gone")]
[JsonDerivedType(typeof(Synced), "synced")]
[JsonDerivedType(typeof(Interrupted), "interrupted")]
public abstract record ClusterNews
{
    private ClusterNews()
    {
    }

    /// <summary>A replica is there, or is different.</summary>
    public sealed record ReplicaSeen(ClusterReplica Replica) : ClusterNews;

    /// <summary>A replica is not there any more. Told once for each that was told of, whether its end was seen or missed.</summary>
    /// <param name="Last">As it was last told of.</param>
    public sealed record ReplicaGone(ClusterReplica Last) : ClusterNews;

    /// <summary>A node is there, or is different.</summary>
    public sealed record NodeSeen(ClusterNode Node) : ClusterNews;

    /// <summary>A node is not there any more; as <see cref="ReplicaGone"/>.</summary>
    public sealed record NodeGone(ClusterNode Last) : ClusterNews;

    /// <summary>All that there is has been told; what follows are changes.</summary>
    public sealed record Synced : ClusterNews;

    /// <summary>From now until the next <see cref="Synced"/> news may be late. Told once for each fault that differs.</summary>
    public sealed record Interrupted(Fault Why) : ClusterNews;
}
