using System.Security.Cryptography;
using System.Text;
using Fury.ClusterApi.Contracts;
using Fury.Compute.Contracts;
using Fury.Hosting;

namespace Fury.Compute.Serverless.Pools;

/// <summary>From a pool's share to what is asked of a cluster, and from what a cluster shows to replicas. Pure.</summary>
internal static class Workloads
{
    /// <summary>Where every replica listens on its own address.</summary>
    public const int Port = 8080;

    /// <summary>For the requests that a replica is working on when it is told to stop.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    public static PoolWorkload Of(Pool pool, Share share, WorkloadIdentity identity)
    {
        var release = pool.Spec.Release;
        var environment = new Dictionary<string, string>(release.Environment.Concat(identity.EnvironmentOf(release.Scope)))
        {
            ["SCOPE"] = release.Scope.Scope.Value,
            ["FURY_APPLICATION"] = release.Scope.Application.Value,
            ["FURY_VERSION"] = release.Version.Value,
            ["FURY_RELEASE"] = release.Id.Value,
            ["FURY_POOL"] = pool.Spec.Id.ToString(),
        };
        return new(
            pool.Spec.Id,
            $"wish-{share.Wish}-{share.Replicas}",
            new(release.Scope, release.Id),
            new(release.Artifact, environment, release.Size, Port, release.HealthPath, Grace),
            share.Replicas,
            ScalingOf(pool, share));
    }

    /// <summary>The share's part of floor and ceiling; null where there is nothing to scale between.</summary>
    private static PoolScaling? ScalingOf(Pool pool, Share share)
    {
        if (pool.Spec.Ceiling <= pool.Wanted || pool.Wanted == 0 || share.Replicas == 0)
        {
            return null;
        }

        var (floor, ceiling) = (Part(pool.Spec.Floor), Part(pool.Spec.Ceiling));
        return new(Math.Max(1, floor), Math.Max(Math.Max(1, floor), ceiling));

        int Part(int whole) => (int)Math.Ceiling((double)whole * share.Replicas / pool.Wanted);
    }

    public static SeenReplica Seen(string cluster, ClusterReplica replica) => new(
        cluster,
        replica.Name,
        new(Guid.TryParse(replica.Uid, out var id) ? id : new(SHA256.HashData(Encoding.UTF8.GetBytes(replica.Uid)).AsSpan(0, 16))),
        PhaseOf(replica.Stage),
        replica.Address,
        replica.Port,
        replica.Restarts,
        replica.Stage == ReplicaStage.Ready ? null : replica.Trouble?.Text ?? ReasonOf(replica.Stage),
        replica.Trouble?.Kind is TroubleKind.ArtifactUnavailable or TroubleKind.CannotStart,
        replica.OutOfMemoryEnd);

    private static ReplicaPhase PhaseOf(ReplicaStage stage) => stage switch
    {
        ReplicaStage.Pending or ReplicaStage.Starting => ReplicaPhase.Starting,
        ReplicaStage.Ready => ReplicaPhase.Ready,
        ReplicaStage.Stopping => ReplicaPhase.Stopping,
        _ => ReplicaPhase.Unready,
    };

    private static string ReasonOf(ReplicaStage stage) => stage switch
    {
        ReplicaStage.Pending => "It has no node yet.",
        ReplicaStage.Starting => "It is starting.",
        ReplicaStage.Stopping => "It is being stopped.",
        ReplicaStage.Unready => "It does not answer its health check.",
        _ => "Its process has ended.",
    };
}
