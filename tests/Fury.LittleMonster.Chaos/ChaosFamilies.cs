namespace Fury.LittleMonster.Chaos;

/// <summary>Waits for no longer than it takes.</summary>
internal sealed class AsleepSaga(WorldClient world) : ChaosSaga(world)
{
    protected override void Define(SagaBuilder<ChaosOrder> saga)
    {
        saga.Name("chaos.asleep").Key(order => order.App).Deadline(Deadline);
        Thing(saga, "create", inLedger: true);
        saga.Sleep("sleep", TimeSpan.FromMilliseconds(700));
        Thing(saga, "attach", Effect.Find);
    }
}

/// <summary>Waits for a word of its caller's.</summary>
internal sealed class SignalledSaga(WorldClient world) : ChaosSaga(world)
{
    public const string Signal = "go";

    protected override void Define(SagaBuilder<ChaosOrder> saga)
    {
        saga.Name("chaos.signalled").Key(order => order.App).Deadline(Deadline);
        Thing(saga, "create", inLedger: true);
        saga.Signal<string>(Signal, Deadline);
        Thing(saga, "attach", Effect.Find);
    }
}

/// <summary>A child. It has no key, so it runs while its parent waits.</summary>
internal sealed class PartSaga(WorldClient world) : ChaosSaga(world)
{
    protected override void Define(SagaBuilder<ChaosOrder> saga)
    {
        saga.Name("chaos.part").Deadline(Deadline);
        Thing(saga, "part", inLedger: true);
    }
}

/// <summary>A parent of two.</summary>
internal sealed class FamilySaga(WorldClient world) : ChaosSaga(world)
{
    protected override void Define(SagaBuilder<ChaosOrder> saga)
    {
        saga.Name("chaos.family").Key(order => order.App).Deadline(Deadline);
        Thing(saga, "create", inLedger: true);
        Children(saga);
        Thing(saga, "attach", Effect.Find);
    }

    public static void Children(SagaBuilder<ChaosOrder> saga) => saga.FanOut<PartSaga, ChaosOrder>(
        "parts", x => [.. new[] { "left", "right" }.Select(part => x.Input with { Part = part })], concurrency: 2);
}

/// <summary>A parent that fails when its children have completed, so that they too must be undone.</summary>
internal sealed class FamilyRefusedSaga(WorldClient world) : ChaosSaga(world)
{
    protected override void Define(SagaBuilder<ChaosOrder> saga)
    {
        saga.Name("chaos.family-refused").Key(order => order.App).Deadline(Deadline);
        Thing(saga, "create", inLedger: true);
        FamilySaga.Children(saga);
        Thing(saga, RefusedSaga.Step);
    }
}
