using System.Text.Json;
using Fury.Kernel;

namespace Fury.LittleMonster.Testing;

/// <summary>
/// Runs one saga, with the children that it starts, by the engine's own decisions, with a fake clock and a database of a few records, and does
/// to it what the world does: lets steps fail, crashes it at any point, delivers every call twice, cancels it, sends signals. Equal scripts
/// give equal runs. An instance is for one run.
/// </summary>
/// <example><c>var run = await new SagaInMemory&lt;Order&gt;(new LaunchSaga(world)).Fail("attach", fault).CrashAt(7).Run(new Order("shop"));</c></example>
public sealed class SagaInMemory<TInput>
    where TInput : notnull
{
    private readonly TestClock _clock;
    private readonly Saga<TInput> _saga;
    private readonly List<Saga> _children = [];

    /// <param name="saga">Over fakes of what it acts on.</param>
    /// <param name="clock">Give one when the fakes need the time too.</param>
    public SagaInMemory(Saga<TInput> saga, TestClock? clock = null) => (_saga, _clock) = (saga, clock ?? new TestClock());

    internal Script Script { get; } = new();

    /// <summary>Its own first, then its children's.</summary>
    internal IReadOnlyList<SagaDefinition> Definitions => [_saga.Build(), .. _children.Select(child => child.Build())];

    /// <summary>The sagas that it starts as children, and theirs, over fakes of their own.</summary>
    public SagaInMemory<TInput> With(params IEnumerable<Saga> children)
    {
        _children.AddRange(children);
        return this;
    }

    /// <summary>Lets a step fail.</summary>
    /// <param name="times">How often; then it is itself again.</param>
    /// <param name="saga">The name of the saga that has the step, when it is a child's.</param>
    public SagaInMemory<TInput> Fail(
        string step, Fault fault, FailureMoment moment = FailureMoment.Instead, int times = int.MaxValue, string? saga = null) =>
        Add(new Failure(saga, step, false, fault, moment, times));

    /// <summary>Lets the undo of a step fail.</summary>
    /// <param name="times">How often; then it is itself again.</param>
    /// <param name="saga">The name of the saga that has the step, when it is a child's.</param>
    public SagaInMemory<TInput> FailUndo(
        string step, Fault fault, FailureMoment moment = FailureMoment.Instead, int times = int.MaxValue, string? saga = null) =>
        Add(new Failure(saga, step, true, fault, moment, times));

    /// <summary>Crashes it at these points, each once; see <see cref="SagaRun.Points"/>. What it was doing is forgotten, what was written is not.</summary>
    public SagaInMemory<TInput> CrashAt(params IEnumerable<int> points)
    {
        Script.CrashAt.UnionWith(points);
        return this;
    }

    /// <summary>Asks for it to be undone when it is at this point; see <see cref="SagaRun.Points"/>.</summary>
    public SagaInMemory<TInput> CancelAt(int point)
    {
        Script.CancelAt = point;
        return this;
    }

    /// <summary>Every call is made twice, and the second answer counts.</summary>
    public SagaInMemory<TInput> Twice()
    {
        Script.Twice = true;
        return this;
    }

    /// <summary>Sends a signal once to the saga, or to each of its children, that has a step of this name.</summary>
    /// <param name="early">Sends it when the saga is started; else when it waits for it.</param>
    public SagaInMemory<TInput> Signal<TValue>(string name, TValue value, bool early = false)
        where TValue : notnull
    {
        Script.Signals.Add(new SentSignal(name, JsonSerializer.SerializeToUtf8Bytes(value, FuryJson.Options), early));
        return this;
    }

    /// <summary>From the first crash on, the host knows these in place of all sagas of their names, so live ones are upgraded.</summary>
    public SagaInMemory<TInput> UpgradeTo(params IEnumerable<Saga> next)
    {
        Script.Next.AddRange(next);
        return this;
    }

    /// <summary>When a saga is stuck, an operator lets it try its step again. Each order is given once, in the order of these calls.</summary>
    /// <param name="putRight">What the operator does before.</param>
    public SagaInMemory<TInput> RetryWhenStuck(Action? putRight = null) => Add(new Help(putRight, order => new SagaEvent.RetryAsked(order), null));

    /// <summary>When a saga is stuck, an operator lets its step count as done (or undone). Each order is given once, in the order of these calls.</summary>
    /// <param name="result">The step's result; null when it has none, or is being undone.</param>
    public SagaInMemory<TInput> SkipWhenStuck(object? result = null) => Add(new Help(
        null, order => new SagaEvent.SkipAsked(order), result is null ? null : JsonSerializer.SerializeToElement(result, FuryJson.Options)));

    /// <summary>Runs whenever nothing goes on until time passes, before the clock is moved on.</summary>
    public SagaInMemory<TInput> WhileWaiting(Func<Task>? act)
    {
        Script.WhileWaiting = act;
        return this;
    }

    /// <summary>Runs the saga until it has ended or is stuck, and nothing more happens to its children.</summary>
    public async Task<SagaRun> Run(TInput input)
    {
        var begun = _clock.GetUtcNow();
        var host = new MemoryHost(Script, _clock, [_saga, .. _children]);
        var root = host.Begin(_saga.GetType(), JsonSerializer.SerializeToUtf8Bytes(input, FuryJson.Options));
        await host.Run();
        var saga = root.Committed;
        return new SagaRun(
            root.State,
            saga.Fault?.Facts.GetValueOrDefault("step"),
            root.Fault,
            host.Calls,
            new ResultsView(saga.Results),
            [.. host.Started.Where(one => one != root).Select(one => one.Seen)],
            host.Points,
            _clock.GetUtcNow() - begun);
    }

    private SagaInMemory<TInput> Add(Failure failure)
    {
        Script.Failures.Add(failure);
        return this;
    }

    private SagaInMemory<TInput> Add(Help help)
    {
        Script.Help.Enqueue(help);
        return this;
    }
}
