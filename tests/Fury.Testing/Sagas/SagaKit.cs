using Fury.Kernel;
using Fury.LittleMonster;
using Xunit;

namespace Fury.Testing;

/// <summary>One saga in one world of its own. The kit asks for a fresh one for each run.</summary>
/// <param name="Saga">Over fakes of what it acts on.</param>
/// <param name="NothingLeft">Asserts that the world is as before the saga.</param>
/// <param name="Snapshot">The world after the saga, as text; equal worlds give equal texts.</param>
public sealed record SagaCase<TInput>(Saga<TInput> Saga, TInput Input, Action NothingLeft, Func<string> Snapshot)
    where TInput : notnull
{
    public TestClock Clock { get; init; } = new();

    /// <summary>Lets the world go on while the saga waits, e.g. a fake instance become ready.</summary>
    public Func<Task>? WhileWaiting { get; init; }
}

/// <summary>What must hold for every saga, asserted by doing it: failing, crashing and repeating at every step.</summary>
public static class SagaKit
{
    private static readonly Fault Injected = new(FaultKind.Conflict, "Injected by the kit.");

    /// <summary>
    /// Fails each step in turn, once before and once after it did its work. Before the pivot that very step must turn the saga round and
    /// nothing may be left behind; behind it, the saga must finish all the same.
    /// </summary>
    public static async Task FailsAtEveryStep<TInput>(Func<SagaCase<TInput>> fresh)
        where TInput : notnull
    {
        var definition = fresh().Saga.Build();
        foreach (var (step, moment) in
            from step in definition.Steps
            from moment in step.IsPoll ? [FailureMoment.Instead] : new[] { FailureMoment.Instead, FailureMoment.After }
            select (step, moment))
        {
            var one = fresh();
            var behindPivot = step.Index >= definition.Pivot;
            var run = await InMemory(one, -1).Fail(step.Name, Injected, moment, behindPivot ? 1 : int.MaxValue).Run(one.Input);
            var where = $"failing '{step.Name}' ({moment}): {Tell(run)}";
            if (behindPivot)
            {
                Assert.True(run.State is SagaState.Completed, where);
                continue;
            }

            Assert.True(run.State is SagaState.Compensated && run.FailedStep == step.Name && run.Fault!.Message == Injected.Message, where);
            Holds(one.NothingLeft, where);
        }
    }

    /// <summary>
    /// Crashes a run at every point (before and after every commit and every call), going forward and while undoing. The end must be
    /// that of
    /// an unbroken run.
    /// </summary>
    public static async Task CrashesAtEveryPoint<TInput>(Func<SagaCase<TInput>> fresh)
        where TInput : notnull
    {
        var definition = fresh().Saga.Build();
        Assert.DoesNotContain(definition.Steps, step => step.Effect is Effect.Once);
        var unbroken = fresh();
        var whole = await InMemory(unbroken, -1).Run(unbroken.Input);
        Assert.True(whole.State is SagaState.Completed, $"unbroken: {Tell(whole)}");
        var expected = unbroken.Snapshot();
        for (var point = 0; point < whole.Points; point++)
        {
            var one = fresh();
            var run = await InMemory(one, point).Run(one.Input);
            Assert.True(run.State is SagaState.Completed, $"crash at {point}: {Tell(run)}");
            Assert.Equal(expected, one.Snapshot());
        }

        var last = definition.Steps.LastOrDefault(step => step.Index < definition.Pivot);
        if (last is not null)
        {
            await CrashesWhileUndoing(fresh, last.Name);
        }
    }

    /// <summary>Makes every call twice, forward and while undoing: the world must not see the difference.</summary>
    public static async Task TakesEveryCallTwice<TInput>(Func<SagaCase<TInput>> fresh)
        where TInput : notnull
    {
        var once = fresh();
        Assert.Equal(SagaState.Completed, (await InMemory(once, -1).Run(once.Input)).State);
        var twice = fresh();
        var run = await InMemory(twice, -1, twice: true).Run(twice.Input);
        Assert.True(run.State is SagaState.Completed, Tell(run));
        Assert.Equal(once.Snapshot(), twice.Snapshot());
    }

    private static async Task CrashesWhileUndoing<TInput>(Func<SagaCase<TInput>> fresh, string failing)
        where TInput : notnull
    {
        for (int point = 0, points = 1; point < points; point++)
        {
            var one = fresh();
            var run = await InMemory(one, point).Fail(failing, Injected, FailureMoment.After).Run(one.Input);
            points = run.Points;
            var where = $"failing '{failing}', crash at {point}: {Tell(run)}";
            Assert.True(run.State is SagaState.Compensated, where);
            Holds(one.NothingLeft, where);
        }
    }

    private static SagaInMemory<TInput> InMemory<TInput>(SagaCase<TInput> one, int crashAt, bool twice = false)
        where TInput : notnull => new(one.Saga, one.Clock) { CrashAt = crashAt, Twice = twice, WhileWaiting = one.WhileWaiting };

    private static void Holds(Action nothingLeft, string where)
    {
        try
        {
            nothingLeft();
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"Something is left after {where}", exception);
        }
    }

    private static string Tell(SagaRun run) =>
        $"{run.State} at '{run.FailedStep}' because {run.Fault?.Message ?? "nothing failed"}; calls {string.Join(' ', run.Calls)}";
}
