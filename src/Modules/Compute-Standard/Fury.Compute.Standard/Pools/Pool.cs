using Fury.Compute.Contracts;
using Fury.Kernel;

namespace Fury.Compute.Standard.Pools;

/// <summary>A replica with what only this engine knows of it.</summary>
/// <param name="Node">The host that asked the provider for it; null before anyone has.</param>
/// <param name="ProviderId">Null until the provider has answered.</param>
/// <param name="WasReady">It has been ready at least once, so proxies may know it.</param>
/// <param name="Launch">The saga that launches it.</param>
/// <param name="Terminating">The saga that terminates it is started.</param>
internal sealed record Instance(
    InstanceId Id,
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
    DateTimeOffset CreatedAt)
{
    public bool IsLive => Phase != ReplicaPhase.Stopping;

    public ReplicaState ToState() => new(Id, Phase, Address, Port, Restarts, Reason);
}

/// <summary>A pool whole: the wish, what was seen, and what keeps the next launch waiting.</summary>
/// <param name="Failures">Launches that failed since a replica was last ready.</param>
/// <param name="RetryAt">No launch before.</param>
internal sealed record Pool(
    PoolSpec Spec,
    PoolPhase Phase,
    long Revision,
    Fault? Problem,
    int Failures,
    DateTimeOffset? RetryAt,
    IReadOnlyList<Instance> Instances)
{
    public static Pool New(PoolSpec spec) => new(spec, PoolPhase.Active, 0, null, 0, null, []);

    public (PoolSpec Spec, PoolPhase Phase) Wish => (Spec, Phase);

    public Instance? Find(InstanceId id) => Instances.FirstOrDefault(instance => instance.Id == id);

    public PoolState ToState() => new(Spec, Phase, [.. Instances.Select(instance => instance.ToState())], Revision, Problem);

    public Pool With(Instance changed) =>
        this with { Instances = [.. Instances.Select(instance => instance.Id == changed.Id ? changed : instance)] };

    /// <summary>Whether others would see no difference.</summary>
    public bool LooksLike(Pool other) =>
        Phase == other.Phase
        && (Spec.Replicas, Spec.Floor, Spec.Ceiling) == (other.Spec.Replicas, other.Spec.Floor, other.Spec.Ceiling)
        && (Problem?.Kind, Problem?.Message) == (other.Problem?.Kind, other.Problem?.Message)
        && Instances.Select(instance => instance.ToState()).SequenceEqual(other.Instances.Select(instance => instance.ToState()));
}
