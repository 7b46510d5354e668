using Fury.Kernel;

namespace Fury.Deployments.Deployments;

/// <summary>
/// Tells those in this process who wait for a deployment that it has moved. A fixed number of slots, so its size does not depend on who
/// waits; deployments that share a slot wake each other's waiters, who look and wait again.
/// </summary>
internal sealed class Signals
{
    private const int Slots = 1024;

    private readonly TaskCompletionSource[] _slots = [.. Enumerable.Range(0, Slots).Select(_ => NewSlot())];

    /// <summary>Heard by drivers.</summary>
    public event Action<DeploymentId>? Raised;

    /// <summary>Completes at the next <see cref="Raise"/>. Take it before looking, and no signal falls between.</summary>
    public Task Next(DeploymentId deployment) => Volatile.Read(ref _slots[SlotOf(deployment)]).Task;

    public void Raise(DeploymentId deployment)
    {
        Tell(deployment);
        Raised?.Invoke(deployment);
    }

    /// <summary>As <see cref="Raise"/>, for those who wait only: another host has moved it, and drives it.</summary>
    public void Tell(DeploymentId deployment) => Interlocked.Exchange(ref _slots[SlotOf(deployment)], NewSlot()).SetResult();

    private static int SlotOf(DeploymentId deployment) => (int)((uint)deployment.GetHashCode() % Slots);

    private static TaskCompletionSource NewSlot() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
