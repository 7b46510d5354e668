namespace Fury.LittleMonster;

public sealed partial class SagaBuilder<TInput>
{
    /// <summary>Goes on after a time, counted from when the step is reached; restarts do not make it longer.</summary>
    public StepRef<Nothing> Sleep(string name, TimeSpan time) => Sleep(name, _ => time);

    /// <summary>The same, for a time that the input says.</summary>
    public StepRef<Nothing> Sleep(string name, Func<TInput, TimeSpan> time) => Add<Nothing>(new StepDefinition
    {
        Name = name,
        Kind = StepKind.Sleep,
        Effect = Effect.Pure,
        Sleep = input => time(Read(input)),
    });

    /// <summary>
    /// Waits until somebody sends the signal of this name (<see cref="ILittleMonster.Signal{T}(SagaId,string,T,CancellationToken)"/>); what was
    /// sent is the step's result. One that comes before the step is reached is kept for it; of several, the first counts.
    /// </summary>
    /// <param name="timeout">From the moment the step is reached, restarts included. Past it the saga fails.</param>
    public StepRef<TResult> Signal<TResult>(string name, TimeSpan timeout)
        where TResult : notnull => Add<TResult>(new StepDefinition
        {
            Name = name,
            Kind = StepKind.Signal,
            Effect = Effect.Pure,
            Deadline = timeout,
        });

    /// <summary>
    /// Starts another saga and waits until it has completed; fails when that one fails. Undone, it cancels the child or, when it has
    /// completed, has it undo its own steps: a child in front of this saga's pivot has no pivot itself.
    /// </summary>
    /// <param name="input">Pure: asked again after a crash. The child's concurrency key must not be this saga's own.</param>
    /// <param name="timeout">From the moment the step is reached; the saga's own deadline when not given.</param>
    public StepRef<ChildRun> Child<TChild, TChildInput>(
        string name,
        Func<StepContext<TInput>, TChildInput> input,
        TimeSpan? timeout = null)
        where TChild : Saga<TChildInput>
        where TChildInput : notnull
    {
        var group = new ChildGroup(name, typeof(TChild), 1, call => [Write(input(new StepContext<TInput>(call)))], count => count);
        return Children<ChildRun>(group, timeout, runs => Write(runs[0]));
    }

    /// <summary>
    /// One child saga for each input, so many at a time; ready when all have ended. The result says what became of each. Undone, it undoes
    /// all of them.
    /// </summary>
    /// <param name="inputs">At most <see cref="FanOut.ItemsMax"/>. Pure: asked again after a crash.</param>
    /// <param name="concurrency">How many children run at a time; at least 1.</param>
    /// <param name="atLeast">How many must complete for the step to succeed, given how many there are; all when not given. As soon as that
    /// cannot be reached, no more are started and the saga fails.</param>
    public StepRef<FanOut> FanOut<TChild, TChildInput>(
        string name,
        Func<StepContext<TInput>, IReadOnlyList<TChildInput>> inputs,
        int concurrency,
        Func<int, int>? atLeast = null,
        TimeSpan? timeout = null)
        where TChild : Saga<TChildInput>
        where TChildInput : notnull
    {
        Require(concurrency >= 1, $"has a fan-out '{name}' whose concurrency is below 1");
        var group = new ChildGroup(
            name,
            typeof(TChild),
            concurrency,
            call => [.. inputs(new StepContext<TInput>(call)).Select(input => Write(input))],
            atLeast ?? (count => count));
        return Children<FanOut>(group, timeout, runs => Write(new FanOut(runs)));
    }

    private StepRef<TResult> Children<TResult>(
        ChildGroup group, TimeSpan? timeout, Func<IReadOnlyList<ChildRun>, ReadOnlyMemory<byte>> result) => Add<TResult>(new StepDefinition
        {
            Name = group.Step,
            Kind = StepKind.Poll,
            Effect = Effect.Token,
            Deadline = timeout,
            // A child that ends nudges its parent; this is for nudges that were lost.
            Pace = new PollPace(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30)),
            Retry = Retry.Forever(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30)),
            UndoRetry = Retry.Forever(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(30)),
            Child = group.Child,
            Do = async call => await group.Advance(call) switch
            {
                { Ended: { } runs } => new StepAnswer { Result = result(runs) },
                { Fault: { } fault } => new StepAnswer { Fault = fault },
                var later => new StepAnswer { NotYet = new PollNotYet(later.Why, null) },
            },
            Undo = group.Revert,
        });
}
