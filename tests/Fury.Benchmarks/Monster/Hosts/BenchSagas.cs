using Fury.Kernel;
using Fury.LittleMonster;

namespace Fury.Benchmarks.Monster;

/// <summary>The input of every saga here.</summary>
internal sealed record Job(int Number);

/// <summary>Five steps that do nothing, of the kind whose every result is committed before the next step begins.</summary>
internal sealed class FiveSteps : Saga<Job>
{
    protected override void Define(SagaBuilder<Job> saga)
    {
        saga.Name("bench.five-steps").Deadline(TimeSpan.FromHours(1));
        foreach (var step in new[] { "one", "two", "three", "four", "five" })
        {
            saga.Step(step, Effect.Token, Do: x => Task.FromResult<Outcome<int>>(x.Input.Number));
        }
    }
}

/// <summary>A step, something to wait for, and another step.</summary>
internal abstract class WaitingSaga(string name) : Saga<Job>
{
    protected static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    protected static readonly TimeSpan Day = TimeSpan.FromDays(1);

    protected sealed override void Define(SagaBuilder<Job> saga)
    {
        saga.Name(name).Deadline(2 * Day);
        saga.Step("before", Effect.Token, Do: x => Task.FromResult<Outcome<int>>(x.Input.Number));
        Wait(saga);
        saga.Step("after", Effect.Token, Do: x => Task.FromResult<Outcome<int>>(x.Input.Number));
    }

    protected abstract void Wait(SagaBuilder<Job> saga);
}

/// <summary>Asks by itself once a minute.</summary>
internal sealed class PollingSaga(Gate gate) : WaitingSaga("bench.polling")
{
    protected override void Wait(SagaBuilder<Job> saga) =>
        saga.Poll("gate", until: x => Task.FromResult(gate.Ask(x.Input.Number)), every: Minute, timeout: Day);
}

/// <summary>The same every two seconds.</summary>
internal sealed class QuickPollingSaga(Gate gate) : WaitingSaga("bench.quick-polling")
{
    protected override void Wait(SagaBuilder<Job> saga) =>
        saga.Poll("gate", until: x => Task.FromResult(gate.Ask(x.Input.Number)), every: TimeSpan.FromSeconds(2), timeout: Day);
}

/// <summary>Asks once a minute, together with others.</summary>
internal sealed class BatchedPollingSaga(Gate gate, GateBatch batch) : WaitingSaga("bench.batched-polling")
{
    protected override void Wait(SagaBuilder<Job> saga) => saga.Poll(
        "gate", batch, target: _ => "gate", key: x => x.Input.Number, until: (x, _) => gate.Ask(x.Input.Number), every: Minute, timeout: Day);
}

internal sealed class SleepingSaga() : WaitingSaga("bench.sleeping")
{
    protected override void Wait(SagaBuilder<Job> saga) => saga.Sleep("night", Day);
}

internal sealed class SignalledSaga() : WaitingSaga("bench.signalled")
{
    protected override void Wait(SagaBuilder<Job> saga) => saga.Signal<int>("news", timeout: Day);
}

/// <summary>Knows of every saga that there is nothing new.</summary>
internal sealed class GateBatch : PollBatch<int, string>
{
    public override Task<Outcome<IReadOnlyDictionary<int, string>>> Ask(
        string target, IReadOnlyList<int> keys, CancellationToken cancellation) =>
        Task.FromResult<Outcome<IReadOnlyDictionary<int, string>>>(keys.ToDictionary(key => key, _ => "as before"));
}
