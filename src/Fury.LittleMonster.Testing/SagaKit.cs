using Fury.Kernel;

namespace Fury.LittleMonster.Testing;

/// <summary>
/// What must hold for every saga, asserted by doing it: failing, crashing, repeating and cancelling it at every step. What does not hold throws
/// <see cref="SagaKitException"/>. Each member answers how many runs it took.
/// </summary>
public static class SagaKit
{
    private static readonly Fault Injected = new(FaultKind.Conflict, "Injected by the kit.");

    /// <summary>
    /// Fails each step in turn, once before and once after it did its work; a signal is not sent. Before the pivot that very step must turn
    /// the saga round and nothing may be left behind; behind it, the saga must finish all the same. A child's step that fails may fail its
    /// parent, or not; then nothing is left behind or all is done.
    /// </summary>
    public static async Task<int> FailsAtEveryStep<TInput>(Func<SagaCase<TInput>> fresh)
        where TInput : notnull
    {
        var failures = FailuresOf(fresh).ToList();
        foreach (var (failure, isRoot, behindPivot) in failures)
        {
            var one = fresh();
            var run = await Order(one, failure).Run(one.Input);
            Require(run.State is not SagaState.Stuck && (!behindPivot || run.State is SagaState.Completed), $"{failure}: {run}");
            if (isRoot && !behindPivot)
            {
                var itself = run.State is SagaState.Compensated && run.FailedStep == failure.Step;
                Require(itself && (failure.IsSignal || run.Fault!.Message == Injected.Message), $"{failure}: {run}");
            }

            LeavesNothing(one, run, failure.ToString());
        }

        return failures.Count;
    }

    /// <summary>
    /// Crashes a run at every point: before and after every commit and every call, forward, and while it is undone from each of its steps. The
    /// end must be that of an unbroken run.
    /// </summary>
    /// <param name="pairs">Also crashes it at every pair of points.</param>
    public static async Task<int> CrashesAtEveryPoint<TInput>(Func<SagaCase<TInput>> fresh, bool pairs = false)
        where TInput : notnull
    {
        var first = fresh().Run();
        var steps = first.Definitions.SelectMany(definition => definition.Steps);
        Require(steps.FirstOrDefault(step => step.Effect is Effect.Once) is not { } once, "A step that can be done only once is stuck after a crash.");
        var unbroken = fresh();
        var whole = await unbroken.Run().Run(unbroken.Input);
        Require(whole.State is SagaState.Completed, $"unbroken: {whole}");
        var expected = unbroken.Snapshot();
        var runs = await Crashes(fresh, null, pairs, (one, run, where) =>
        {
            Require(run.State is SagaState.Completed, $"{where}: {run}");
            Same(expected, one.Snapshot(), where, run);
        });
        var failures = FailuresOf(fresh).Where(one => one is { IsRoot: true, BehindPivot: false }).Select(one => one.Failure);
        foreach (var failure in failures.GroupBy(one => one.Step).Select(same => same.Last()))
        {
            runs += await Crashes(fresh, failure, pairs, (one, run, where) =>
            {
                Require(run.State is SagaState.Compensated, $"{where}: {run}");
                LeavesNothing(one, run, where);
            });
        }

        return runs;
    }

    /// <summary>Makes every call twice, forward and while undoing: the world must not see the difference.</summary>
    public static async Task<int> TakesEveryCallTwice<TInput>(Func<SagaCase<TInput>> fresh)
        where TInput : notnull
    {
        var once = fresh();
        var expected = await once.Run().Run(once.Input);
        Require(expected.State is SagaState.Completed, $"once: {expected}");
        var twice = fresh();
        var run = await twice.Run().Twice().Run(twice.Input);
        Require(run.State is SagaState.Completed, $"twice: {run}");
        Same(once.Snapshot(), twice.Snapshot(), "every call made twice", run);
        var failures = FailuresOf(fresh).Where(one => one is { IsRoot: true, BehindPivot: false }).ToList();
        foreach (var (failure, _, _) in failures)
        {
            var one = fresh();
            var undone = await Order(one, failure).Twice().Run(one.Input);
            Require(undone.State is SagaState.Compensated, $"{failure}, every call made twice: {undone}");
            LeavesNothing(one, undone, $"{failure}, every call made twice");
        }

        return 2 + failures.Count;
    }

    /// <summary>Cancels it at every point: it must be undone with nothing left behind, or, past its pivot, finish as if nothing had been said.</summary>
    public static async Task<int> CancelsAtEveryPoint<TInput>(Func<SagaCase<TInput>> fresh)
        where TInput : notnull
    {
        var unbroken = fresh();
        var whole = await unbroken.Run().Run(unbroken.Input);
        var expected = unbroken.Snapshot();
        for (var point = 0; point < whole.Points.Count; point++)
        {
            var one = fresh();
            var run = await one.Run().CancelAt(point).Run(one.Input);
            var where = $"cancelled {whole.Points[point]}";
            Require(run.State is SagaState.Completed or SagaState.Compensated, $"{where}: {run}");
            if (run.State is SagaState.Completed)
            {
                Same(expected, one.Snapshot(), where, run);
            }

            LeavesNothing(one, run, where);
        }

        return whole.Points.Count;
    }

    /// <summary>
    /// Crashes it at every point, and from there on the host knows only <see cref="SagaCase{TInput}.Next"/>: it must finish, and when it fails
    /// at a step before its pivot, nothing may be left behind.
    /// </summary>
    public static async Task<int> UpgradesAtEveryPoint<TInput>(Func<SagaCase<TInput>> fresh)
        where TInput : notnull
    {
        var runs = await Upgrades(fresh, null);
        var saga = fresh().Saga.Build();
        var next = fresh().Next.Select(one => one.Build()).FirstOrDefault(one => one.Name == saga.Name) ?? saga;
        foreach (var step in next.Steps.Where(step => step.Index < next.Pivot && step.Kind is StepKind.Call or StepKind.Poll))
        {
            runs += await Upgrades(fresh, new Injection(step.Name, FailureMoment.After));
        }

        return runs;
    }

    private static async Task<int> Upgrades<TInput>(Func<SagaCase<TInput>> fresh, Injection? failure)
        where TInput : notnull
    {
        var points = 1;
        for (var point = 0; point < points; point++)
        {
            var one = fresh();
            var run = await Order(one, failure).UpgradeTo(one.Next).CrashAt(point).Run(one.Input);
            var where = $"{(failure is null ? "" : $"{failure}, ")}upgraded {Point(run, point)}";
            Require(run.State is SagaState.Completed or SagaState.Compensated, $"{where}: {run}");
            Require(failure is not null || run.State is SagaState.Completed, $"{where}: {run}");
            LeavesNothing(one, run, where);
            points = run.Points.Count;
        }

        return points;
    }

    private static async Task<int> Crashes<TInput>(
        Func<SagaCase<TInput>> fresh, Injection? failure, bool pairs, Action<SagaCase<TInput>, SagaRun, string> judge)
        where TInput : notnull
    {
        var runs = 0;
        for (int point = 0, points = 1; point < points; point++)
        {
            points = await Crash([point]);
            for (int second = point + 1, all = points; pairs && second < all; second++)
            {
                all = await Crash([point, second]);
            }
        }

        return runs;

        async Task<int> Crash(int[] at)
        {
            runs++;
            var one = fresh();
            var run = await Order(one, failure).CrashAt(at).Run(one.Input);
            judge(one, run, $"{(failure is null ? "" : $"{failure}, ")}crash {string.Join(" and ", at.Select(point => Point(run, point)))}");
            return run.Points.Count;
        }
    }

    private static string Point(SagaRun run, int point) => point < run.Points.Count ? $"{run.Points[point]} (point {point})" : $"at no point ({point})";

    /// <summary>All that can fail in it, and in what it starts.</summary>
    private static IEnumerable<(Injection Failure, bool IsRoot, bool BehindPivot)> FailuresOf<TInput>(Func<SagaCase<TInput>> fresh)
        where TInput : notnull
    {
        var definitions = fresh().Run().Definitions;
        var late = definitions.SelectMany(one => one.Steps.Where(step => step.Index >= one.Pivot).Select(step => step.Child)).ToHashSet();
        return from definition in definitions
               let isRoot = definition == definitions[0]
               from step in definition.Steps
               where step.Kind is not StepKind.Sleep && (isRoot || step.Kind is not StepKind.Signal)
               from moment in step.Kind is StepKind.Signal || (step.IsPoll && step.Child is null)
                   ? [FailureMoment.Instead]
                   : new[] { FailureMoment.Instead, FailureMoment.After }
               let behindPivot = step.Index >= definition.Pivot || late.Contains(definition.Type)
               where !behindPivot || step.Kind is not StepKind.Signal
               select (new Injection(step.Name, moment)
               {
                   Saga = isRoot ? null : definition.Name,
                   Times = behindPivot ? 1 : int.MaxValue,
                   IsSignal = step.Kind is StepKind.Signal,
               }, isRoot, behindPivot);
    }

    private static SagaInMemory<TInput> Order<TInput>(SagaCase<TInput> one, Injection? failure)
        where TInput : notnull
    {
        var run = one.Run();
        if (failure is { IsSignal: true })
        {
            run.Script.Withheld.Add(failure.Step);
        }
        else if (failure is not null)
        {
            run.Fail(failure.Step, Injected, failure.Moment, failure.Times, failure.Saga);
        }

        return run;
    }

    private static void LeavesNothing<TInput>(SagaCase<TInput> one, SagaRun run, string where)
        where TInput : notnull
    {
        if (run.State is not SagaState.Compensated)
        {
            return;
        }

        Require(run.Children.All(child => child.State is SagaState.Compensated), $"A child is not undone after {where}: {run}");
        try
        {
            one.NothingLeft();
        }
        catch (Exception exception)
        {
            throw new SagaKitException($"Something is left after {where}: {run}", exception);
        }
    }

    private static void Same(string expected, string actual, string where, SagaRun run) =>
        Require(expected == actual, $"Another end after {where}: {actual}; expected {expected}; {run}");

    private static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new SagaKitException(message);
        }
    }

    private sealed record Injection(string Step, FailureMoment Moment)
    {
        public string? Saga { get; init; }

        public int Times { get; init; } = int.MaxValue;

        public bool IsSignal { get; init; }

        public override string ToString() =>
            IsSignal ? $"never sending '{Step}'" : $"failing '{(Saga is null ? Step : $"{Saga}/{Step}")}' ({Moment})";
    }
}
