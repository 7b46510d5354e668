using Fury.Compute.Contracts;
using Fury.Compute.Standard.Launching;
using Fury.Compute.Standard.Placing;
using Fury.Kernel;

namespace Fury.Compute.Standard.Pools;

/// <summary>A replica with what only this engine knows of it.</summary>
/// <param name="Lot">What it was asked for with; the provider's client token.</param>
/// <param name="Node">The host that asked the provider for it and alone sees it; null before anyone has, and where any host does.</param>
/// <param name="ProviderId">Null until the provider has answered.</param>
/// <param name="WasReady">It has been ready at least once, so proxies may know it.</param>
/// <param name="Launch">The saga that launches it.</param>
/// <param name="Terminating">The saga that terminates it is started.</param>
/// <param name="EndsAt">When its provider takes it back; null while nothing was heard of that.</param>
internal sealed record Instance(
    InstanceId Id,
    Guid Lot,
    Place Place,
    ReplicaPhase Phase,
    string? Node,
    string? ProviderId,
    string? Address,
    int Port,
    int Restarts,
    string? Reason,
    bool WasReady,
    long? Launch,
    bool Terminating,
    DateTimeOffset? StoppingAt,
    DateTimeOffset CreatedAt,
    DateTimeOffset? EndsAt)
{
    public bool IsLive => Phase != ReplicaPhase.Stopping;

    /// <summary>It serves, and is one of those that are to be there: what is about to be taken back is replaced.</summary>
    public bool IsKept => IsLive && EndsAt is null;

    /// <param name="pool">Where its pool is: a pool of an area says of each replica where that is.</param>
    public ReplicaState ToState(Location pool) =>
        new(Id, Phase, Address, Port, Restarts, Reason, pool.Provider == InstanceProviders.Area ? Place.Group : null);
}

/// <summary>A pool whole: the wish, what was seen, and what keeps the next launch waiting.</summary>
/// <param name="Failures">Launches that failed since a replica was last ready.</param>
/// <param name="RetryAt">No launch before.</param>
/// <param name="Scaled">How many its autoscaling wants; null while it has not been looked at.</param>
internal sealed record Pool(
    PoolSpec Spec,
    PoolPhase Phase,
    long Revision,
    Fault? Problem,
    int Failures,
    DateTimeOffset? RetryAt,
    IReadOnlyList<Instance> Instances,
    int? Scaled = null)
{
    public static Pool New(PoolSpec spec) => new(spec, PoolPhase.Active, 0, null, 0, null, []);

    /// <summary>How many are to be there.</summary>
    public int Wanted => Phase != PoolPhase.Active ? 0
        : Spec.Autoscale is null ? Math.Max(Spec.Replicas, Spec.Floor)
        : Math.Clamp(Scaled ?? Spec.Replicas, Spec.Floor, Spec.Ceiling);

    public (PoolSpec Spec, PoolPhase Phase) Wish => (Spec, Phase);

    public Instance? Find(InstanceId id) => Instances.FirstOrDefault(instance => instance.Id == id);

    public IEnumerable<Instance> Lot(Guid lot) => Instances.Where(instance => instance.Lot == lot);

    public PoolState ToState() => new(Spec, Phase, [.. Replicas], Revision, Problem);

    private IEnumerable<ReplicaState> Replicas => Instances.Select(instance => instance.ToState(Spec.Location));

    public Pool With(Instance changed) =>
        this with { Instances = [.. Instances.Select(instance => instance.Id == changed.Id ? changed : instance)] };

    /// <summary>Whether others would see no difference.</summary>
    public bool LooksLike(Pool other) =>
        Phase == other.Phase
        && (Spec.Replicas, Spec.Floor, Spec.Ceiling, Wanted) == (other.Spec.Replicas, other.Spec.Floor, other.Spec.Ceiling, other.Wanted)
        && (Spec.Autoscale, Spec.MayShrink) == (other.Spec.Autoscale, other.Spec.MayShrink)
        && (Problem?.Kind, Problem?.Message) == (other.Problem?.Kind, other.Problem?.Message)
        && Replicas.SequenceEqual(other.Replicas);
}
