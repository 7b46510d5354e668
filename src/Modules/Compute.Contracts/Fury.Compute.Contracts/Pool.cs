using Fury.Kernel;

namespace Fury.Compute.Contracts;

/// <summary>What is asked of an engine: one release at one location. The wish, never what happened.</summary>
/// <param name="Id">Chosen by the asker before it asks, so that asking again is the same question. Never re-used for another release.</param>
/// <param name="Replicas">How many are wanted: 0 to <paramref name="Ceiling"/>; never fewer than the floor are run.</param>
/// <param name="Floor">The number below which autoscaling may not go, 0 to <paramref name="Ceiling"/>; owned by the deployment.</param>
/// <param name="Ceiling">The number above which autoscaling may not go, 1 to 1000.</param>
/// <param name="Criticality">Of its scope when it was asked for; where there is a choice, replicas go where such work is meant to be.</param>
/// <param name="Workload">As <paramref name="Criticality"/>.</param>
public sealed record PoolSpec(
    PoolId Id,
    ReleaseSpec Release,
    Location Location,
    int Replicas,
    int Floor,
    int Ceiling,
    Criticality Criticality = Criticality.Low,
    WorkloadType Workload = WorkloadType.Web)
{
    /// <summary>How much of it may run on instances that can be taken away. Only where replicas are instances.</summary>
    public SpotPolicy Spot { get; init; } = new(0);

    /// <summary>
    /// Null: it has as many replicas as are asked for. Else it begins with those, and has as many as this says from then on; another number asked for is
    /// where it begins anew. Only where the engine has its own autoscaling.
    /// </summary>
    public AutoscalePolicy? Autoscale { get; init; }

    /// <summary>False while a deployment is in progress: its autoscaling may add replicas, and takes none away that might be needed back.</summary>
    public bool MayShrink { get; init; } = true;

    /// <summary>Stands where a pool was retired before anyone asked for it: nothing is known of it but its id.</summary>
    public static PoolSpec Unknown(PoolId id) => new(
        id,
        new(
            ReleaseId.Parse("0000000000000000"),
            ScopeRef.Parse("unknown/unknown-pool"),
            VersionName.Parse("0.0.0"),
            new("", "", "", []),
            new Dictionary<string, string>(),
            new(0, 0),
            "/"),
        new("", "", ""),
        Replicas: 0,
        Floor: 0,
        Ceiling: 0);
}

/// <summary>The life of a pool; it only moves forward.</summary>
public enum PoolPhase
{
    /// <summary>Its replicas are wanted.</summary>
    Active,

    /// <summary>It is being taken down: no replica is ready any more, some still end their work.</summary>
    Retiring,

    /// <summary>Nothing of it is left. It is never revived.</summary>
    Retired,
}

/// <summary>The life of a replica.</summary>
public enum ReplicaPhase
{
    /// <summary>Asked for or booting; was never ready.</summary>
    Starting,

    /// <summary>Answers its health check; may be sent requests.</summary>
    Ready,

    /// <summary>Was ready and does not answer its health check now, or its process has ended and waits for its restart.</summary>
    Unready,

    /// <summary>Told to stop; ends its work.</summary>
    Stopping,
}

/// <summary>One replica as last seen.</summary>
/// <param name="Address">An IP address of its own; null while it has none yet.</param>
/// <param name="Port">Where it listens on <paramref name="Address"/>.</param>
/// <param name="Restarts">How often its process has ended by itself and was started again.</param>
/// <param name="Reason">Why it is not ready, in one sentence; null when it is.</param>
/// <param name="Group">The group of its location, where a pool has replicas in several; null: its pool's own.</param>
public sealed record ReplicaState(
    InstanceId Id, ReplicaPhase Phase, string? Address, int Port, int Restarts, string? Reason, string? Group = null);

/// <summary>A pool as last seen.</summary>
/// <param name="Revision">Grows with each change; news with a lower one is old.</param>
/// <param name="Problem">Why replicas are missing although they are wanted (no capacity, artifact cannot be started, …); null when all is well.</param>
public sealed record PoolState(PoolSpec Spec, PoolPhase Phase, IReadOnlyList<ReplicaState> Replicas, long Revision, Fault? Problem = null)
{
    public PoolId Id => Spec.Id;

    public int Ready => Replicas.Count(replica => replica.Phase == ReplicaPhase.Ready);

    public int Restarts => Replicas.Sum(replica => replica.Restarts);
}

/// <summary>A replica came, went, became ready or stopped being ready, or the pool's phase or problem changed.</summary>
public sealed record PoolChanged(PoolState Pool) : IEvent
{
    public string Key => Pool.Id.ToString();
}

/// <summary>What a replica uses of its machine.</summary>
/// <param name="CpuSeconds">
/// Used so far: since its process began, or since it was first measured. Only the difference of two answers of one host says something, and one that is
/// lower than the last has begun anew.
/// </param>
/// <param name="MemoryBytes">Resident now.</param>
/// <param name="OutOfMemoryKills">How often its process was ended for want of memory, as far as that was told; 0 where nobody tells.</param>
public sealed record ReplicaUsage(PoolId Pool, InstanceId Replica, double CpuSeconds, long MemoryBytes, int OutOfMemoryKills)
{
    /// <summary>When it was measured, by the clock of where the replica runs; null: as it was asked for. The same again: nothing new is known.</summary>
    public DateTimeOffset? At { get; init; }
}

/// <summary>A line that a replica wrote.</summary>
/// <param name="At">When it was captured; null when the capture holds no time.</param>
public sealed record LogLine(PoolId Pool, InstanceId Replica, DateTimeOffset? At, string Text);
