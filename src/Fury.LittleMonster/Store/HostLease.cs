namespace Fury.LittleMonster;

/// <summary>This incarnation of this host, as the database knows it.</summary>
/// <param name="Host">Its row in <c>lm.host</c>.</param>
/// <param name="Epoch">Tells this incarnation from all others.</param>
/// <param name="Space">The name space of this installation's tokens.</param>
/// <param name="Registry">For the names of steps.</param>
internal sealed record HostLease(long Host, long Epoch, Guid Space, SagaRegistry Registry)
{
    private long _fence = Epoch;

    /// <summary>The fencing token of what it does. Rises with every claim, and so per saga with every change of hands.</summary>
    public long Fence => Interlocked.Read(ref _fence);

    public void Claimed(long fence) => Interlocked.Exchange(ref _fence, fence);

    public string StepName(SagaRecord saga, int step) => Registry.StepName(saga.Name, saga.Version, step);
}
