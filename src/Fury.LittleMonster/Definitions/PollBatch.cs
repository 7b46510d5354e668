using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>
/// A question that is asked for many sagas in one call, e.g. the states of all instances that are awaited in one account and region. A
/// singleton; sagas name it in <see cref="SagaBuilder{TInput}.Poll{TKey,TState,TResult}"/>.
/// </summary>
/// <typeparam name="TKey">What one saga asks about, e.g. an instance's id.</typeparam>
/// <typeparam name="TState">What is answered about it.</typeparam>
public abstract class PollBatch<TKey, TState>
    where TKey : notnull
    where TState : class
{
    /// <summary>Keys of one call, as the provider allows; at least 1.</summary>
    public virtual int SizeMax => 100;

    /// <summary>Answers for those keys that are known. A key that is missing in the answer is one that the target does not know (yet).</summary>
    /// <param name="target">Where to ask, e.g. <c>aws/123456789012/eu-west-1</c>; all keys are of this target.</param>
    public abstract Task<Outcome<IReadOnlyDictionary<TKey, TState>>> Ask(
        string target, IReadOnlyList<TKey> keys, CancellationToken cancellation);
}

/// <summary>A batch and what one step makes of it, untyped.</summary>
internal sealed record BatchQuestion
{
    /// <summary>Questions of the same source and target go together.</summary>
    public required object Source { get; init; }

    public required int SizeMax { get; init; }

    public required Func<StepCall, BatchSubject> Subject { get; init; }

    /// <summary>Asks for the keys; gives the state of a key, or null.</summary>
    public required Func<string, IReadOnlyList<object>, CancellationToken, Task<Outcome<Func<object, object?>>>> Ask { get; init; }

    public required Func<StepCall, object?, StepAnswer> Judge { get; init; }

    public static BatchQuestion Of<TKey, TState>(
        PollBatch<TKey, TState> source,
        Func<StepCall, BatchSubject> subject,
        Func<StepCall, TState?, StepAnswer> judge)
        where TKey : notnull
        where TState : class => new()
        {
            Source = source,
            SizeMax = Math.Max(1, source.SizeMax),
            Subject = subject,
            Judge = (call, state) => judge(call, (TState?)state),
            Ask = async (target, keys, cancellation) =>
            {
                var answer = await source.Ask(target, [.. keys.Cast<TKey>().Distinct()], cancellation);
                return answer.IsOk
                    ? new Func<object, object?>(key => answer.Value.TryGetValue((TKey)key, out var state) ? state : null)
                    : answer.Fault;
            },
        };
}

/// <summary>What one saga asks about, and where.</summary>
internal sealed record BatchSubject(string Target, object Key);
