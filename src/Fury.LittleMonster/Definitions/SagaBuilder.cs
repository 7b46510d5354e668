using System.Text.Json;
using System.Text.RegularExpressions;
using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>
/// Writes down what a saga is. The order of the calls to <c>Step</c>, <c>Poll</c> and <c>Pivot</c> is the order in which it runs.
/// </summary>
public sealed partial class SagaBuilder<TInput>
    where TInput : notnull
{
    /// <summary>Steps of one saga.</summary>
    public const int StepsMax = 100;

    private readonly Type _type;
    private readonly List<StepDefinition> _steps = [];
    private string? _name;
    private int _version = 1;
    private Func<ReadOnlyMemory<byte>, string>? _key;
    private TimeSpan? _deadline;
    private int? _pivot;

    internal SagaBuilder(Type type) => _type = type;

    /// <summary>
    /// The permanent name, e.g. <c>standard.launch-instance</c>: lower-case letters, digits, dots and hyphens, at most 80.
    /// </summary>
    public SagaBuilder<TInput> Name(string name)
    {
        _name = Checked(name);
        return this;
    }

    /// <summary>
    /// 1 to 32767. Raise it when steps are added, removed, renamed or reordered: live sagas keep the version they began with.
    /// </summary>
    public SagaBuilder<TInput> Version(int version)
    {
        Require(version is >= 1 and <= short.MaxValue, $"has version {version}; it must be 1 to {short.MaxValue}");
        _version = version;
        return this;
    }

    /// <summary>
    /// The concurrency key: sagas of the same key, whatever their kind, run one after the other. Without one, each runs by itself.
    /// </summary>
    public SagaBuilder<TInput> Key(Func<TInput, string> key)
    {
        _key = input => key(Read(input));
        return this;
    }

    /// <summary>How long the saga may take forward, waiting included. Past it, it is undone (after the pivot: stuck). Required.</summary>
    public SagaBuilder<TInput> Deadline(TimeSpan deadline)
    {
        Require(deadline > TimeSpan.Zero, "needs a deadline above zero");
        _deadline = deadline;
        return this;
    }

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
    public StepRef<TResult> Step<TResult>(
        string name,
        Effect effect,
        Func<StepContext<TInput>, Task<Outcome<TResult>>> Do,
        Func<UndoContext<TInput, TResult>, Task<Outcome>>? Undo = null,
        Retry? retry = null,
        TimeSpan? deadline = null,
        Retry? undoRetry = null,
        Func<TInput, LedgerEntry>? ledger = null)
    {
        var step = new StepRef<TResult>(Checked(name));
        Require(
            effect is not Effect.Pure || (Undo is null && ledger is null),
            $"has a pure step '{name}' with something to undo or to enter");
        Require(deadline is null || deadline > TimeSpan.Zero, $"has a step '{name}' whose deadline is not above zero");
        Add(new StepDefinition
        {
            Name = step.Name,
            Effect = effect,
            Retry = effect is Effect.Once ? Retry.None : retry ?? Retry.Default,
            Deadline = deadline,
            UndoRetry = undoRetry ?? Retry.Backoff(12),
            Ledger = ledger is null ? null : input => ledger(Read(input)),
            Do = async call =>
            {
                var outcome = await Do(new StepContext<TInput>(call));
                return outcome.IsOk ? new StepAnswer { Result = Write(outcome.Value) } : new StepAnswer { Fault = outcome.Fault };
            },
            Undo = Undo is null ? null : call => Undo(new UndoContext<TInput, TResult>(call, step)),
        });
        return step;
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
        Func<TInput, LedgerEntry>? ledger = null) =>
        Step<Nothing>(
            name,
            effect,
            async x => await Do(x) is { IsOk: false } refused ? refused.Fault : Nothing.Value,
            Undo,
            retry,
            deadline,
            undoRetry,
            ledger);

    /// <summary>
    /// Waits for something outside. While it waits it costs no thread, no connection and no row. It is asked at once, then every
    /// <paramref name="every"/> (with jitter), and at once when nudged. A fault or exception that would be retried counts as "not yet".
    /// </summary>
    /// <param name="timeout">From the moment the step is reached, restarts included. Past it the saga fails.</param>
    public StepRef<TResult> Poll<TResult>(
        string name,
        Func<StepContext<TInput>, Task<Poll<TResult>>> until,
        TimeSpan every,
        TimeSpan timeout)
        where TResult : notnull
    {
        var step = new StepRef<TResult>(Checked(name));
        Require(every > TimeSpan.Zero && timeout > TimeSpan.Zero, $"has a poll '{name}' whose interval or timeout is not above zero");
        Add(new StepDefinition
        {
            Name = step.Name,
            Effect = Effect.Pure,
            Retry = Retry.Forever(every, every),
            Deadline = timeout,
            UndoRetry = Retry.None,
            Every = every,
            Do = async call =>
            {
                var answer = await until(new StepContext<TInput>(call));
                return answer switch
                {
                    { IsReady: true } => new StepAnswer { Result = Write(answer.Value!) },
                    { Fault: { } fault } => new StepAnswer { Fault = fault },
                    _ => new StepAnswer { NotYet = answer.Later },
                };
            },
        });
        return step;
    }

    /// <summary>The point of no return: from here the saga is only finished, never undone, and can no longer be cancelled.</summary>
    public SagaBuilder<TInput> Pivot()
    {
        Require(_pivot is null, "has two pivots");
        _pivot = _steps.Count;
        return this;
    }

    internal SagaDefinition Build()
    {
        Require(_name is not null, "has no name");
        Require(_deadline is not null, "has no deadline");
        Require(_steps.Count is > 0 and <= StepsMax, $"has {_steps.Count} steps; it must be 1 to {StepsMax}");
        return new SagaDefinition
        {
            Type = _type,
            Name = _name!,
            Version = _version,
            Deadline = _deadline!.Value,
            Key = _key,
            Steps = _steps,
            Pivot = _pivot ?? int.MaxValue,
        };
    }

    private static TInput Read(ReadOnlyMemory<byte> input) => JsonSerializer.Deserialize<TInput>(input.Span, FuryJson.Options)!;

    private static ReadOnlyMemory<byte> Write<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, FuryJson.Options);

    [GeneratedRegex(@"^[a-z][a-z0-9.-]{0,79}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex NamePattern();

    private void Add(StepDefinition step)
    {
        Require(_steps.TrueForAll(other => other.Name != step.Name), $"has two steps named '{step.Name}'");
        _steps.Add(step with { Index = _steps.Count });
    }

    private string Checked(string name)
    {
        Require(NamePattern().IsMatch(name), $"uses the name '{name}'; names are lower-case letters, digits, dots and hyphens, at most 80");
        return name;
    }

    private void Require(bool right, string what)
    {
        if (!right)
        {
            throw new InvalidOperationException($"Saga {_type.Name} {what}.");
        }
    }
}
