using System.Text.Json.Serialization;
using Fury.Compute.Contracts;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Pools;

/// <summary>What a pool has in one cluster: a part of its replicas.</summary>
/// <param name="Zones">How many are to be there, by zone; the cluster spreads them itself.</param>
/// <param name="Wish">Which of the pool's wishes it comes from; what is asked of the cluster carries it.</param>
/// <param name="Refused">Why the cluster will not have it; null when it does.</param>
/// <param name="Leaving">It is being taken away.</param>
/// <param name="Evacuating">Its replicas have successors elsewhere, and go once these are ready.</param>
internal sealed record Share(
    string Cluster, IReadOnlyDictionary<string, int> Zones, long Wish, Fault? Refused = null, bool Leaving = false, bool Evacuating = false)
{
    /// <summary>It is where the pool's replicas are to be.</summary>
    [JsonIgnore]
    public bool Stays => !Leaving && !Evacuating;

    [JsonIgnore]
    public int Replicas => Zones.Values.Sum();
}

/// <summary>A replica as the watch of its cluster last showed it.</summary>
/// <param name="Name">Its name in the cluster.</param>
/// <param name="Reason">Why it is not ready, in one sentence; null when it is.</param>
/// <param name="NeverWorks">What keeps it will not pass by itself: there is no such artifact, or it cannot be started.</param>
/// <param name="OutOfMemoryEnd">The last end of its process that was for want of memory, by number from 1; 0 when none was seen.</param>
/// <param name="OutOfMemoryKills">How many were seen. Only the record knows: a cluster shows the last end of a process and no other.</param>
/// <param name="Ending">Another is to take its place: it is let go, whatever its cluster shows. Only the record knows.</param>
internal sealed record SeenReplica(
    string Cluster,
    string Name,
    InstanceId Id,
    ReplicaPhase Phase,
    string? Address,
    int Port,
    int Restarts,
    string? Reason,
    bool NeverWorks,
    int OutOfMemoryEnd = 0,
    int OutOfMemoryKills = 0,
    bool Ending = false)
{
    /// <summary>As it is seen now, with what only the record knows of it.</summary>
    /// <param name="before">As it was on record; null: it is seen for the first time.</param>
    public SeenReplica After(SeenReplica? before)
    {
        var (end, kills) = (before?.OutOfMemoryEnd ?? 0, before?.OutOfMemoryKills ?? 0);
        return this with
        {
            OutOfMemoryEnd = Math.Max(OutOfMemoryEnd, end),
            OutOfMemoryKills = OutOfMemoryEnd > end ? kills + 1 : kills,
            Ending = before is { Ending: true },
        };
    }

    /// <param name="over">It is let go, whatever its cluster shows.</param>
    public ReplicaState ToState(bool over) => over && Phase != ReplicaPhase.Stopping
        ? new(Id, ReplicaPhase.Stopping, Address, Port, Restarts, "It is being stopped.", Cluster)
        : new(Id, Phase, Address, Port, Restarts, Reason, Cluster);
}

/// <summary>A pool whole: the wish, where its replicas are to be, and what was seen of them.</summary>
/// <param name="Wish">Grows with each change of what is wanted.</param>
/// <param name="Placed">The wish that was placed last, whether all of it had room or not.</param>
/// <param name="Unplaced">Why some have no place; null when all have.</param>
/// <param name="RetryAt">When those are tried again.</param>
internal sealed record Pool(
    PoolSpec Spec,
    PoolPhase Phase,
    long Revision,
    long Wish,
    long Placed,
    DateTimeOffset? RetryAt,
    IReadOnlyList<Share> Shares,
    IReadOnlyList<SeenReplica> Replicas,
    Fault? Unplaced)
{
    public static Pool New(PoolSpec spec) => new(spec, PoolPhase.Active, 0, 1, 0, null, [], [], null);

    public (PoolSpec Spec, PoolPhase Phase) Wished => (Spec, Phase);

    /// <summary>How many replicas are wanted now.</summary>
    public int Wanted => Phase == PoolPhase.Active ? Math.Max(Spec.Replicas, Spec.Floor) : 0;

    public Share? ShareIn(string cluster) => Shares.FirstOrDefault(share => share.Cluster == cluster);

    public SeenReplica? Find(InstanceId replica) => Replicas.FirstOrDefault(seen => seen.Id == replica);

    public Pool With(SeenReplica changed) => this with { Replicas = [.. Replicas.Select(replica => replica.Id == changed.Id ? changed : replica)] };

    public Pool With(Share changed) => this with { Shares = [.. Shares.Select(share => share.Cluster == changed.Cluster ? changed : share)] };

    /// <summary>Why replicas are missing although they are wanted; what will never work is told first.</summary>
    public Fault? Problem => Phase != PoolPhase.Active ? null
        : Shares.Select(share => share.Refused).FirstOrDefault(refused => refused is not null)
        ?? (Replicas.FirstOrDefault(replica => replica.NeverWorks) is { } stuck ? Fault.Invalid(stuck.Reason ?? "A replica cannot be started.") : null)
        ?? Unplaced;

    /// <summary>Ready where they are to be: the successors of what is evacuated among them.</summary>
    public int ReadyToStay => Replicas.Count(replica =>
        replica is { Phase: ReplicaPhase.Ready, Ending: false } && ShareIn(replica.Cluster) is { Stays: true });

    public PoolState ToState() => new(Spec, Phase, [.. Replicas.Select(replica => replica.ToState(IsOver(replica)))], Revision, Problem);

    private bool IsOver(SeenReplica replica) => replica.Ending || Phase != PoolPhase.Active || ShareIn(replica.Cluster) is { Leaving: true };

    /// <summary>Whether others would see no difference.</summary>
    public bool LooksLike(Pool other) =>
        Phase == other.Phase
        && (Spec.Replicas, Spec.Floor, Spec.Ceiling) == (other.Spec.Replicas, other.Spec.Floor, other.Spec.Ceiling)
        && (Problem?.Kind, Problem?.Message) == (other.Problem?.Kind, other.Problem?.Message)
        && ToState().Replicas.SequenceEqual(other.ToState().Replicas);
}
