using Fury.Kernel;

namespace Fury.LittleMonster;

public sealed partial class SagaBuilder<TInput>
{
    /// <summary>
    /// A step. <paramref name="Do"/> answers a fault of kind <c>Unavailable</c>, <c>Throttled</c> or <c>Exhausted</c> to be tried again by
    /// <paramref name="retry"/>; any other fault, and an exception that is a bug, fails the saga, which is then undone in reverse order
    /// beginning with this very step. So <paramref name="Undo"/> must accept that the step never happened. Undo that keeps failing through
    /// <paramref name="undoRetry"/> leaves the saga stuck.
    /// </summary>
    /// <param name="name">Permanent, unique in the saga.</param>
    /// <param name="deadline">For all attempts of this step together; the saga's own when not given.</param>
    /// <param name="ledger">What the step is about to make. In the ledger before the step runs, so an orphan can be found after any
    /// crash.</param>
    /// <param name="limit">The target whose rate limit the calls count against, e.g. <c>aws/123456789012</c>; see
    /// <c>LittleMonster:Limits</c>.</param>
    public StepRef<TResult> Step<TResult>(
        string name,
        Effect effect,
        Func<StepContext<TInput>, Task<Outcome<TResult>>> Do,
        Func<UndoContext<TInput, TResult>, Task<Outcome>>? Undo = null,
        Retry? retry = null,
        TimeSpan? deadline = null,
        Retry? undoRetry = null,
        Func<TInput, LedgerEntry>? ledger = null,
        Func<TInput, string>? limit = null)
    {
        Require(
            effect is not Effect.Pure || (Undo is null && ledger is null),
            $"has a pure step '{name}' with something to undo or to enter");
        var step = new StepRef<TResult>(name);
        return Add<TResult>(new StepDefinition
        {
            Name = name,
            Effect = effect,
            Retry = effect is Effect.Once ? Retry.None : retry ?? Retry.Default,
            Deadline = deadline,
            UndoRetry = undoRetry ?? Retry.Backoff(12),
            Ledger = ledger is null ? null : input => ledger(Read(input)),
            Limit = limit is null ? null : input => limit(Read(input)),
            Do = async call =>
            {
                var outcome = await Do(new StepContext<TInput>(call));
                return outcome.IsOk ? new StepAnswer { Result = Write(outcome.Value) } : new StepAnswer { Fault = outcome.Fault };
            },
            Undo = Undo is null ? null : call => Undo(new UndoContext<TInput, TResult>(call, step)),
        });
    }

    /// <summary>A step without a result.</summary>
    public StepRef<Nothing> Step(
        string name,
        Effect effect,
        Func<StepContext<TInput>, Task<Outcome>> Do,
        Func<UndoContext<TInput, Nothing>, Task<Outcome>>? Undo = null,
        Retry? retry = null,
        TimeSpan? deadline = null,
        Retry? undoRetry = null,
        Func<TInput, LedgerEntry>? ledger = null,
        Func<TInput, string>? limit = null) =>
        Step<Nothing>(
            name,
            effect,
            async x => await Do(x) is { IsOk: false } refused ? refused.Fault : Nothing.Value,
            Undo,
            retry,
            deadline,
            undoRetry,
            ledger,
            limit);

    /// <summary>
    /// Waits for something outside. While it waits it costs no thread, no connection and no row. It is asked at once, then every
    /// <paramref name="every"/> (with jitter), and at once when nudged. A fault or exception that would be retried counts as "not yet".
    /// </summary>
    /// <param name="timeout">From the moment the step is reached, restarts included. Past it the saga fails.</param>
    /// <param name="everyMax">When given, pauses grow from <paramref name="every"/> to this.</param>
    /// <param name="limit">As for a step.</param>
    public StepRef<TResult> Poll<TResult>(
        string name,
        Func<StepContext<TInput>, Task<Poll<TResult>>> until,
        TimeSpan every,
        TimeSpan timeout,
        TimeSpan? everyMax = null,
        Func<TInput, string>? limit = null)
        where TResult : notnull => Add<TResult>(PollStep(name, every, timeout, everyMax) with
        {
            Limit = limit is null ? null : input => limit(Read(input)),
            Do = async call => Answer(await until(new StepContext<TInput>(call))),
        });

    /// <summary>
    /// The same, for many sagas in one call: what all of them ask of one <paramref name="target"/> goes into calls of
    /// <paramref name="batch"/>, which count against the target's rate limit.
    /// </summary>
    /// <param name="target">Where to ask: provider, account, region.</param>
    /// <param name="key">What to ask about. Pure.</param>
    /// <param name="until">What to make of the answer; it is null when the target does not know the key. Pure, and quick.</param>
    public StepRef<TResult> Poll<TKey, TState, TResult>(
        string name,
        PollBatch<TKey, TState> batch,
        Func<StepContext<TInput>, string> target,
        Func<StepContext<TInput>, TKey> key,
        Func<StepContext<TInput>, TState?, Poll<TResult>> until,
        TimeSpan every,
        TimeSpan timeout,
        TimeSpan? everyMax = null)
        where TKey : notnull
        where TState : class
        where TResult : notnull => Add<TResult>(PollStep(name, every, timeout, everyMax) with
        {
            Batch = BatchQuestion.Of(
                batch,
                call =>
                {
                    var x = new StepContext<TInput>(call);
                    return new BatchSubject(target(x), key(x));
                },
                (call, state) => Answer(until(new StepContext<TInput>(call), state))),
        });

    private static StepAnswer Answer<TResult>(Poll<TResult> answer)
        where TResult : notnull => answer switch
        {
            { IsReady: true } => new StepAnswer { Result = Write(answer.Value!) },
            { Fault: { } fault } => new StepAnswer { Fault = fault },
            _ => new StepAnswer { NotYet = answer.Later },
        };

    private StepDefinition PollStep(string name, TimeSpan every, TimeSpan timeout, TimeSpan? everyMax)
    {
        Require(every > TimeSpan.Zero && timeout > TimeSpan.Zero, $"has a poll '{name}' whose interval or timeout is not above zero");
        Require(everyMax is null || everyMax >= every, $"has a poll '{name}' whose longest interval is shorter than its first");
        return new StepDefinition
        {
            Name = name,
            Kind = StepKind.Poll,
            Effect = Effect.Pure,
            Retry = Retry.Forever(every, every),
            Deadline = timeout,
            Pace = new PollPace(every, everyMax ?? every),
        };
    }
}
