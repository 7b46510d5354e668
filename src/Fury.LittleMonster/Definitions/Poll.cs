using Fury.Kernel;

namespace Fury.LittleMonster;

/// <summary>What a poll answers; see <see cref="SagaBuilder{TInput}.Poll{TResult}"/>.</summary>
public static class Poll
{
    /// <summary>The wait is over; the value is the step's result.</summary>
    public static Poll<T> Ready<T>(T value)
        where T : notnull => new() { Value = value, IsReady = true };

    /// <summary>Ask again: after the step's interval, or after <paramref name="after"/>.</summary>
    /// <param name="why">What is being waited for, for people who look at the saga.</param>
    public static PollNotYet NotYet(string? why = null, TimeSpan? after = null) => new(why, after);

    /// <summary>It will never be ready: the saga fails and is undone.</summary>
    public static PollFailed Fail(string reason) => new(new Fault(FaultKind.Conflict, reason));

    /// <summary>It will never be ready: the saga fails and is undone.</summary>
    public static PollFailed Fail(Fault fault) => new(fault);
}

/// <summary>The answer of a poll. Made by <see cref="Poll"/>.</summary>
public readonly record struct Poll<T>
{
    internal T? Value { get; init; }

    internal bool IsReady { get; init; }

    internal Fault? Fault { get; init; }

    internal PollNotYet Later { get; init; }

    public static implicit operator Poll<T>(PollNotYet later) => new() { Later = later };

    public static implicit operator Poll<T>(PollFailed failed) => new() { Fault = failed.Fault };
}

/// <summary>Not ready; becomes any <see cref="Poll{T}"/>.</summary>
public readonly record struct PollNotYet(string? Why, TimeSpan? After);

/// <summary>Never ready; becomes any <see cref="Poll{T}"/>.</summary>
public readonly record struct PollFailed(Fault Fault);
