using Fury.Kernel;
using Fury.LittleMonster;

namespace Fury.Benchmarks.Monster;

/// <summary>The input of every saga here.</summary>
internal sealed record Job(int Number);

/// <summary>
/// Five steps that do nothing. They are of the kind whose every result is written before the next step begins; the start, five results and
/// the end are seven rows.
/// </summary>
internal sealed class FiveSteps : Saga<Job>
{
    public static readonly string[] Steps = ["one", "two", "three", "four", "five"];

    protected override void Define(SagaBuilder<Job> saga)
    {
        saga.Name("bench.five-steps").Deadline(TimeSpan.FromHours(1));
        foreach (var step in Steps)
        {
            saga.Step(step, Effect.Token, Do: x => Task.FromResult<Outcome<int>>(x.Input.Number));
        }
    }
}

/// <summary>A step, a poll that is ready when the gate opens, and another step.</summary>
internal abstract class Polling(Gate gate, string name, TimeSpan every) : Saga<Job>
{
    protected override void Define(SagaBuilder<Job> saga)
    {
        saga.Name(name).Deadline(TimeSpan.FromDays(2));
        saga.Step("before", Effect.Token, Do: x => Task.FromResult<Outcome<int>>(x.Input.Number));
        saga.Poll("gate", until: x => Task.FromResult(gate.Ask(x.Input.Number)), every, timeout: TimeSpan.FromDays(1));
        saga.Step("after", Effect.Token, Do: x => Task.FromResult<Outcome<int>>(x.Input.Number));
    }
}

/// <summary>Waits for something that is looked at once a minute.</summary>
internal sealed class MinutePoll(Gate gate) : Polling(gate, Name, TimeSpan.FromMinutes(1))
{
    public const string Name = "bench.minute-poll";
}

/// <summary>The same every two seconds.</summary>
internal sealed class QuickPoll(Gate gate) : Polling(gate, Name, TimeSpan.FromSeconds(2))
{
    public const string Name = "bench.quick-poll";
}
