using Fury.Kernel;

namespace Fury.ClusterApi.Contracts;

/// <summary>A pool as the cluster has it.</summary>
/// <param name="ClientToken">Of the last <see cref="IClusterApi.Apply"/> that was carried out.</param>
/// <param name="Wanted">How many replicas there should be now, autoscaling included.</param>
/// <param name="Running">How many there are.</param>
/// <param name="IsRemoving">It was removed, and some of it is still there.</param>
/// <param name="Problem">Why the cluster makes no replicas for it (quota, admission), in its own words; null when all is well.</param>
public sealed record ClusterPool(
    PoolId Id,
    WorkloadMarks? Marks,
    string ClientToken,
    int Wanted,
    int Running,
    int Ready,
    PoolScaling? Scaling,
    bool IsRemoving,
    string? Problem);

/// <summary>The life of a job.</summary>
public enum JobPhase
{
    /// <summary>Asked for, or a replica of it runs.</summary>
    Running,
    Succeeded,
    Failed,
}

/// <summary>A job as the cluster has it.</summary>
/// <param name="Schedule">The schedule whose run it is; null for one of its own.</param>
/// <param name="Failures">Attempts that failed.</param>
/// <param name="Reason">Why it failed, in one sentence; null otherwise.</param>
public sealed record ClusterJob(
    string Name,
    string? Schedule,
    WorkloadMarks? Marks,
    JobPhase Phase,
    int Active,
    int Failures,
    DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt,
    string? Reason);

/// <summary>The life of a replica in a cluster.</summary>
public enum ReplicaStage
{
    /// <summary>No node was found for it yet.</summary>
    Pending,

    /// <summary>On a node; was never ready.</summary>
    Starting,

    /// <summary>May be sent requests.</summary>
    Ready,

    /// <summary>Was ready and is not now, or its process has ended and waits for its restart.</summary>
    Unready,

    /// <summary>Told to stop; ends its work.</summary>
    Stopping,

    /// <summary>Ended well (of a job).</summary>
    Succeeded,

    /// <summary>Ended badly, and is not started again.</summary>
    Failed,
}

/// <summary>Why a replica does not get on. The list is closed; <see cref="ReplicaTrouble.Text"/> has the cluster's own words.</summary>
public enum TroubleKind
{
    /// <summary>The artifact cannot be fetched: no such image, or no right to it.</summary>
    ArtifactUnavailable,

    /// <summary>No node has room for it, or none may take it.</summary>
    Unschedulable,

    /// <summary>Its process ends again and again.</summary>
    CrashLoop,

    /// <summary>Its process cannot be started as asked for: no such command, a bad mount.</summary>
    CannotStart,

    /// <summary>It used more memory than it asked for.</summary>
    OutOfMemory,

    /// <summary>It does not answer its health check.</summary>
    Unhealthy,

    /// <summary>The cluster took it off its node.</summary>
    Evicted,

    /// <summary>Its node does not answer; whether it still runs is not known.</summary>
    NodeLost,

    /// <summary>Its process has ended with an error.</summary>
    Crashed,

    /// <summary>It took longer than it may.</summary>
    DeadlineExceeded,
}

/// <summary>Why a replica does not get on.</summary>
/// <param name="Text">One or two sentences.</param>
public sealed record ReplicaTrouble(TroubleKind Kind, string Text);

/// <summary>One replica as last seen.</summary>
/// <param name="Name">Unique in the cluster; what <see cref="IClusterApi.Logs"/> and <see cref="IClusterApi.Events"/> take.</param>
/// <param name="Uid">Unique forever.</param>
/// <param name="Pool">Whose replica it is; null for a job's.</param>
/// <param name="Job">Whose replica it is; null for a pool's.</param>
/// <param name="Address">An IP address of its own; null while it has none.</param>
/// <param name="Restarts">How often its process has ended by itself and was started again.</param>
/// <param name="OutOfMemoryEnd">The last end of its process, by number from 1, if that was for want of memory; else 0.</param>
public sealed record ClusterReplica(
    string Name,
    string Uid,
    PoolId? Pool,
    string? Job,
    ReplicaStage Stage,
    ReplicaTrouble? Trouble,
    string? Node,
    string? Address,
    int Port,
    int Restarts,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ReadyAt,
    int OutOfMemoryEnd = 0);

/// <summary>What a replica uses.</summary>
/// <param name="CpuSeconds">Since it was first measured; one that is lower than the last has begun anew.</param>
/// <param name="MemoryBytes">In its working set now.</param>
public sealed record ClusterReplicaUsage(string Replica, double CpuSeconds, long MemoryBytes);

/// <summary>What the cluster has noted about a replica.</summary>
/// <param name="IsWarning">Something to look at.</param>
/// <param name="Reason">The cluster's word for it.</param>
/// <param name="Times">How often since <paramref name="FirstAt"/>.</param>
public sealed record ReplicaEvent(bool IsWarning, string Reason, string Text, int Times, DateTimeOffset? FirstAt, DateTimeOffset? LastAt);

/// <summary>A line that a replica wrote.</summary>
public sealed record ReplicaLine(DateTimeOffset? At, string Text);

/// <summary>What a replica writes.</summary>
/// <param name="Lines">To be read once.</param>
public sealed record ReplicaLog(IAsyncEnumerable<ReplicaLine> Lines);
