using Fury.Kernel;

namespace Fury.LittleMonster.Tests.Simulation;

/// <summary>The input of all simulated sagas.</summary>
/// <param name="Number">Of the saga; decides how the cloud treats it.</param>
/// <param name="Key">Its concurrency key; empty for its own.</param>
/// <param name="Size">Children of a fan-out.</param>
internal sealed record Plan(int Number, string Key = "", int Size = 0);

internal abstract class PlannedSaga(SimulatedProcess process, SimulatedCloud cloud) : Saga<Plan>
{
    private static readonly Retry Fast = Retry.Backoff(5, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(2));

    protected SimulatedProcess Process => process;

    protected SimulatedCloud Cloud => cloud;

    protected static SagaBuilder<Plan> Begin(SagaBuilder<Plan> saga, string name, int version = 1)
    {
        saga.Name(name).Version(version).Deadline(TimeSpan.FromMinutes(4)).Priority(plan => (SagaPriority)(plan.Number % 3));
        return saga.Key(plan => plan.Key.Length == 0 ? $"own-{name}-{plan.Number}" : plan.Key);
    }

    protected StepRef<string> Thing(SagaBuilder<Plan> saga, string step, Effect effect = Effect.Token, TimeSpan? deadline = null) => saga.Step(
        step,
        effect,
        Do: async x =>
        {
            var made = await cloud.Make(Caller.Of(process, x, step), effect is Effect.Once, forward: false);
            x.Created(made.IsOk ? made.Value : "");
            return made;
        },
        Undo: x => cloud.Remove(Caller.Of(process, x, step)),
        retry: Fast,
        deadline: deadline,
        undoRetry: Retry.Backoff(6, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(2)),
        ledger: effect is Effect.Token ? _ => new LedgerEntry("sim", "here", step) : null,
        limit: plan => plan.Number % 4 == 0 ? "cloud/small" : "cloud");

    /// <summary>Behind the pivot: it has no way back.</summary>
    protected StepRef<string> Final(SagaBuilder<Plan> saga, string step) => saga.Step(
        step, Effect.Token, Do: x => cloud.Make(Caller.Of(process, x, step), once: false, forward: true), retry: Fast);

    protected StepRef<bool> Ready(SagaBuilder<Plan> saga, string step, bool surely = false) => saga.Poll(
        step,
        until: async x =>
        {
            var ready = await cloud.IsReady(Caller.Of(process, x, step), surely);
            return !ready.IsOk ? Poll.NotYet(ready.Fault.Message) : ready.Value ? Poll.Ready(true) : Poll.NotYet("the thing");
        },
        every: TimeSpan.FromSeconds(1),
        timeout: surely ? TimeSpan.FromMinutes(3) : TimeSpan.FromSeconds(40),
        everyMax: TimeSpan.FromSeconds(8));
}

/// <summary>Pure, token, find, token.</summary>
internal sealed class PlainSaga(SimulatedProcess process, SimulatedCloud cloud) : PlannedSaga(process, cloud)
{
    protected internal override void Define(SagaBuilder<Plan> saga)
    {
        Begin(saga, "sim.plain");
        var chosen = saga.Step("choose", Effect.Pure, Do: x => Task.FromResult<Outcome<int>>(x.Input.Number * 2));
        saga.Step("check", Effect.Pure, Do: x => Task.FromResult<Outcome<int>>(x.Get(chosen) + 1));
        Thing(saga, "create");
        Thing(saga, "attach", Effect.Find);
        saga.Output(Thing(saga, "announce"));
    }
}

/// <summary>A poll of its own, one with others, and a sleep.</summary>
internal sealed class WaitingSaga(SimulatedProcess process, SimulatedCloud cloud) : PlannedSaga(process, cloud)
{
    protected internal override void Define(SagaBuilder<Plan> saga)
    {
        Begin(saga, "sim.waiting");
        Thing(saga, "create", deadline: TimeSpan.FromMinutes(1));
        Ready(saga, "ready");
        saga.Sleep("settle", plan => TimeSpan.FromMilliseconds(500 + (plan.Number % 20 * 700)));
        saga.Poll<long, string, string>(
            "state",
            new States(Process, Cloud),
            x => x.Input.Number % 2 == 0 ? "cloud/a" : "cloud/b",
            x => x.Saga.Value,
            (_, state) => state is null ? Poll.NotYet("its state") : Poll.Ready(state),
            TimeSpan.FromSeconds(1),
            TimeSpan.FromSeconds(45));
        Thing(saga, "finish");
    }

    private sealed class States(SimulatedProcess process, SimulatedCloud cloud) : PollBatch<long, string>
    {
        public override int SizeMax => 20;

        public override Task<Outcome<IReadOnlyDictionary<long, string>>> Ask(string target, IReadOnlyList<long> keys, CancellationToken cancellation) =>
            cloud.States(process, keys, cancellation);
    }
}

/// <summary>Waits for what somebody sends.</summary>
internal sealed class SignalSaga(SimulatedProcess process, SimulatedCloud cloud) : PlannedSaga(process, cloud)
{
    protected internal override void Define(SagaBuilder<Plan> saga)
    {
        Begin(saga, "sim.signal");
        Thing(saga, "reserve");
        saga.Signal<string>("approval", TimeSpan.FromSeconds(50));
        Thing(saga, "use");
    }
}

/// <summary>Waits for a child between two things.</summary>
internal sealed class ParentSaga(SimulatedProcess process, SimulatedCloud cloud) : PlannedSaga(process, cloud)
{
    protected internal override void Define(SagaBuilder<Plan> saga)
    {
        Begin(saga, "sim.parent");
        Thing(saga, "before");
        var child = saga.Child<PlainSaga, Plan>("child", x => new Plan(x.Input.Number + 100_000));
        saga.Output(Thing(saga, "after"));
        saga.Step("read", Effect.Pure, Do: x => Task.FromResult<Outcome<int>>(x.Get(child).Get<string>().Length));
    }
}

/// <summary>Many children, of which half must complete, and grandchildren.</summary>
internal sealed class FanSaga(SimulatedProcess process, SimulatedCloud cloud) : PlannedSaga(process, cloud)
{
    protected internal override void Define(SagaBuilder<Plan> saga)
    {
        Begin(saga, "sim.fan");
        Thing(saga, "before");
        saga.FanOut<PlainSaga, Plan>(
            "leaves",
            x => [.. Enumerable.Range(0, x.Input.Size).Select(n => new Plan((x.Input.Number * 10) + 200_000 + n, n % 3 == 0 ? $"leaf-{n}" : ""))],
            concurrency: 2,
            atLeast: count => count / 2);
        saga.Child<ParentSaga, Plan>("nested", x => new Plan(x.Input.Number + 300_000));
        Thing(saga, "after");
    }
}

/// <summary>A point of no return, and behind it a child and a poll.</summary>
internal sealed class PivotSaga(SimulatedProcess process, SimulatedCloud cloud) : PlannedSaga(process, cloud)
{
    protected internal override void Define(SagaBuilder<Plan> saga)
    {
        Begin(saga, "sim.pivot");
        Thing(saga, "create");
        saga.Pivot();
        Final(saga, "publish");
        Ready(saga, "visible", surely: true);
        saga.FanOut<PlainSaga, Plan>("tell", x => [new Plan(x.Input.Number + 400_000)], 1, atLeast: _ => 0);
        Final(saga, "clean-up");
    }
}

/// <summary>A step that can be done only once, between two that can be repeated.</summary>
internal sealed class OnceSaga(SimulatedProcess process, SimulatedCloud cloud) : PlannedSaga(process, cloud)
{
    protected internal override void Define(SagaBuilder<Plan> saga)
    {
        Begin(saga, "sim.once");
        Thing(saga, "prepare");
        Thing(saga, "charge", Effect.Once);
        Thing(saga, "ship");
    }
}

/// <summary>As the first hosts know it.</summary>
internal sealed class ChangingSaga(SimulatedProcess process, SimulatedCloud cloud) : PlannedSaga(process, cloud)
{
    protected internal override void Define(SagaBuilder<Plan> saga)
    {
        Begin(saga, "sim.changing");
        Thing(saga, "charge", Effect.Once);
        Ready(saga, "ready");
        Thing(saga, "finish");
    }
}

/// <summary>As the later hosts know it: with one more step. They take over those of the first version.</summary>
internal sealed class ChangedSaga(SimulatedProcess process, SimulatedCloud cloud) : PlannedSaga(process, cloud)
{
    protected internal override void Define(SagaBuilder<Plan> saga)
    {
        Begin(saga, "sim.changing", 2);
        Thing(saga, "charge", Effect.Once);
        Thing(saga, "inspect");
        Ready(saga, "ready");
        Thing(saga, "finish");
        saga.Upgrade(1, shape => shape);
    }
}
