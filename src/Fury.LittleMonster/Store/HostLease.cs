namespace Fury.LittleMonster;

/// <summary>This incarnation of this host, as the database knows it.</summary>
/// <param name="Host">Its row in <c>lm.host</c>.</param>
/// <param name="Epoch">Its fencing token.</param>
/// <param name="Space">The name space of this installation's tokens.</param>
/// <param name="Registry">For the names of steps.</param>
internal sealed record HostLease(long Host, long Epoch, Guid Space, SagaRegistry Registry)
{
    public string StepName(SagaRecord saga, int step) => Registry.Find(saga.Name, saga.Version)!.Steps[step].Name;
}
