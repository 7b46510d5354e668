using Fury.Kernel;
using Fury.LittleMonster;

namespace Fury.Compute.Standard.Launching;

/// <summary>Which instance; it was marked as stopping in the transaction that started the saga.</summary>
/// <param name="WasReady">Proxies may know it.</param>
internal sealed record Termination(PoolId Pool, InstanceId Instance, bool WasReady, DateTimeOffset StoppingAt);

/// <summary>Takes one replica down: lets proxies hear of it first, ends it, and forgets it once it is gone. There is no way back.</summary>
internal sealed class TerminateInstance(Removal removal, TimeProvider clock) : Saga<Termination>
{
    /// <summary>
    /// What the news that it stops is given to reach the proxies, so that none sends to a process that no longer listens. A pool that
    /// deployments drained before has no traffic by now; this is for pools that shrink.
    /// </summary>
    private static readonly TimeSpan MeshLeave = TimeSpan.FromMilliseconds(500);

    /// <summary>A provider may be away for long; an instance that was to go still has to.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromDays(30);

    protected override void Define(SagaBuilder<Termination> saga)
    {
        saga.Name("standard.terminate-instance").Version(1).Key(input => input.Instance.ToString()).Deadline(Patience);
        saga.Pivot();
        saga.Poll<bool>("leave-mesh", x => Task.FromResult(Left(x.Input)), MeshLeave, Patience);
        saga.Step("remove", Effect.Find, x => removal.Remove(x.Input.Pool, x.Input.Instance, x.Cancellation), retry: Removal.Retry);
    }

    private Poll<bool> Left(Termination input)
    {
        var rest = input.StoppingAt + MeshLeave - clock.GetUtcNow();
        return input.WasReady && rest > TimeSpan.Zero ? Poll.NotYet("Proxies hear that it stops.", rest) : Poll.Ready(true);
    }
}
