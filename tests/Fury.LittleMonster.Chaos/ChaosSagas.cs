namespace Fury.LittleMonster.Chaos;

/// <summary>A saga whose steps make things in the world.</summary>
internal abstract class ChaosSaga(WorldClient world) : Saga<ChaosOrder>
{
    /// <summary>Below the clocks' distance from each other: a host that went by its own clock would find every other saga too late.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(4);

    // The world refuses one call in ten, by chance; that must never be what fails a saga.
    private static readonly Retry Stubborn = Retry.Backoff(40, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(500));

    /// <summary>Makes a thing that is named after the step; its undo makes it go.</summary>
    protected StepRef<string> Thing(SagaBuilder<ChaosOrder> saga, string step, Effect effect = Effect.Token, bool inLedger = false) => saga.Step(
        step,
        effect,
        Do: async x =>
        {
            var made = await world.Make(step, x);
            if (made.IsOk && inLedger)
            {
                x.Created(made.Value);
            }

            return made;
        },
        Undo: x => world.Remove(step, x),
        retry: Stubborn,
        undoRetry: Stubborn,
        ledger: inLedger ? _ => new LedgerEntry("chaos", "here", "thing") : null);

    protected void Ready(SagaBuilder<ChaosOrder> saga, StepRef<string> thing, TimeSpan timeout) => saga.Poll(
        "ready",
        until: async x => await world.IsReady(x.Get(thing), x.Cancellation) ? Poll.Ready(true) : Poll.NotYet("the thing"),
        every: TimeSpan.FromMilliseconds(200),
        timeout: timeout);
}

/// <summary>Three steps, nothing to wait for, nobody to wait for.</summary>
internal sealed class PlainSaga(WorldClient world) : ChaosSaga(world)
{
    protected override void Define(SagaBuilder<ChaosOrder> saga)
    {
        saga.Name("chaos.plain").Deadline(Deadline);
        foreach (var step in new[] { "one", "two", "three" })
        {
            Thing(saga, step);
        }
    }
}

/// <summary>Makes something, waits until it is ready, and passes the point of no return.</summary>
internal sealed class LaunchSaga(WorldClient world) : ChaosSaga(world)
{
    protected override void Define(SagaBuilder<ChaosOrder> saga)
    {
        saga.Name("chaos.launch").Key(order => order.App).Deadline(Deadline);
        Ready(saga, Thing(saga, "create", inLedger: true), Deadline);
        Thing(saga, "attach", Effect.Find);
        saga.Pivot();
        Thing(saga, "publish");
    }
}

/// <summary>Its last step is refused for good, so that all of it must be undone.</summary>
internal sealed class RefusedSaga(WorldClient world) : ChaosSaga(world)
{
    /// <summary>The world refuses what is named so.</summary>
    public const string Step = "refused";

    protected override void Define(SagaBuilder<ChaosOrder> saga)
    {
        saga.Name("chaos.refused").Key(order => order.App).Deadline(Deadline);
        Thing(saga, "create", inLedger: true);
        Thing(saga, "attach", Effect.Find);
        Thing(saga, Step);
    }
}

/// <summary>Waits for what never happens, until its time is up.</summary>
internal sealed class InVainSaga(WorldClient world) : ChaosSaga(world)
{
    public const string Name = "chaos.in-vain";

    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(4);

    protected override void Define(SagaBuilder<ChaosOrder> saga)
    {
        saga.Name(Name).Key(order => order.App).Deadline(Deadline);
        Ready(saga, Thing(saga, "create", inLedger: true), Timeout);
    }
}
