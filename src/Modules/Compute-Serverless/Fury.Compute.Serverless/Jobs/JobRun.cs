using System.Text.Json.Serialization;
using Fury.ClusterApi.Contracts;
using Fury.Kernel;
using Fury.LittleMonster;

namespace Fury.Compute.Serverless.Jobs;

/// <summary>The life of a run.</summary>
internal enum RunPhase
{
    /// <summary>For a place, or for the end of those that it replaces.</summary>
    Waiting,

    /// <summary>A cluster has it.</summary>
    Running,
    Succeeded,

    /// <summary>Its process did, or it took too long, or found no place in time.</summary>
    Failed,

    /// <summary>Somebody no longer wanted it.</summary>
    Cancelled,

    /// <summary>Its cluster has died under it; how far it came is not known.</summary>
    Lost,
}

/// <summary>A replica of a run as the watch of its cluster last showed it; each attempt is one.</summary>
/// <param name="Name">Its name in the cluster.</param>
internal sealed record SeenAttempt(string Name, string Uid, ReplicaStage Stage, ReplicaTrouble? Trouble, DateTimeOffset CreatedAt)
{
    public static SeenAttempt Of(ClusterReplica replica) => new(replica.Name, replica.Uid, replica.Stage, replica.Trouble, replica.CreatedAt);
}

/// <summary>How a run ended.</summary>
/// <param name="Reason">Why it did not succeed, in one sentence; null when it did.</param>
/// <param name="Failures">Attempts that failed.</param>
internal sealed record RunEnd(RunPhase Phase, string? Reason, int Failures, DateTimeOffset At);

/// <summary>One run of a job whole: the wish, and what became of it.</summary>
/// <param name="Schedule">Whose run it is; null for one that was asked for by itself.</param>
/// <param name="DueAt">The time of the schedule that it is for; null when somebody asked for it.</param>
/// <param name="StartBy">Until then it must have begun.</param>
internal sealed record JobRun(
    RunId Id, ScopeRef Scope, RunSpec Spec, ScheduleName? Schedule, DateTimeOffset? DueAt, DateTimeOffset CreatedAt, DateTimeOffset StartBy)
{
    public RunPhase Phase { get; init; } = RunPhase.Waiting;

    /// <summary>Grows each time that a cluster gets it. More than 1 only when it may run twice.</summary>
    public int Placing { get; init; }

    /// <summary>The last one that got it; null when none ever did.</summary>
    public string? Cluster { get; init; }

    /// <summary>Clusters that died under it: it does not go there again.</summary>
    public IReadOnlyList<string> LostIn { get; init; } = [];

    /// <summary>What drives it in its cluster.</summary>
    public SagaId? Saga { get; init; }

    /// <summary>It is to end; what it has in its cluster is being taken away.</summary>
    public bool IsCancelling { get; init; }

    /// <summary>Why it waits, or did not succeed, in one sentence.</summary>
    public string? Reason { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Attempts that failed.</summary>
    public int Failures { get; init; }

    /// <summary>What is there of it in its cluster, oldest first.</summary>
    public IReadOnlyList<SeenAttempt> Seen { get; init; } = [];

    /// <summary>Nothing of it is in a cluster.</summary>
    public bool IsClean { get; init; } = true;

    /// <summary>Nothing is left to do for it.</summary>
    public bool IsSettled { get; init; }

    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>It does not begin before nothing of these is in a cluster any more.</summary>
    public IReadOnlyList<RunId> Replaces { get; init; } = [];

    [JsonIgnore]
    public bool HasEnded => Phase is not (RunPhase.Waiting or RunPhase.Running);

    /// <summary>What placement knows it by.</summary>
    [JsonIgnore]
    public PoolId Promise => new(Id.Value);
}
