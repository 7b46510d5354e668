namespace Fury.Sdk.Bindings;

/// <summary>How long, how often and how many at once: it comes with the binding, and a call only narrows it.</summary>
public sealed record CallPolicy
{
    public static CallPolicy Default { get; } = new();

    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(2);

    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public int MaxAttempts { get; init; } = 3;

    /// <summary>Before the second attempt at most; twice as long before each further one, up to 2 s.</summary>
    public TimeSpan FirstRetryDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Retries may be at most this share of all calls (and ten at once after a quiet time), so that a sick provider is not made sicker.</summary>
    public double RetryBudgetRatio { get; init; } = 0.1;

    /// <summary>A read that has no answer after so long is asked once more, beside the first; null: never. See <see cref="ServiceNeed.HedgeReads"/>.</summary>
    public TimeSpan? HedgeAfter { get; init; }

    /// <summary>Second reads may be at most this share of all reads (and ten at once after a quiet time).</summary>
    public double HedgeBudgetRatio { get; init; } = 0.05;

    public int MaxConcurrentCalls { get; init; } = 256;

    /// <summary>Calls beyond those at once wait; beyond so many waiting they are refused as throttled.</summary>
    public int MaxWaitingCalls { get; init; } = 1024;
}
