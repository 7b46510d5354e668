using System.Diagnostics.CodeAnalysis;
using Fury.Sdk.Bindings;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Fury.Sdk.Resilience;

/// <summary>
/// The one place where calls are limited, repeated and given up, in this order from the outside: total time, concurrency, retry with a budget,
/// a second read beside a slow one, circuit breaker, time of one attempt. Drivers do none of it.
/// </summary>
internal static class Pipelines
{
    public static readonly ResiliencePropertyKey<Call> Call = new("fury.call");

    private static readonly TimeSpan DelayMost = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LeftMin = TimeSpan.FromMilliseconds(1);

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "The options of the limit have no annotations to be validated.")]
    public static ResiliencePipeline Build(
        CallPolicy policy, ConcurrencyLimit limit, RetryBudget budget, ResiliencePipeline breaker, TimeProvider clock)
    {
        var builder = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddTimeout(new TimeoutStrategyOptions { TimeoutGenerator = arguments => new(Left(CallOf(arguments.Context), policy, clock)) })
            .AddStrategy(_ => limit, new Unnamed());
        if (policy.MaxAttempts > 1)
        {
            builder.AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = policy.MaxAttempts - 1,
                ShouldHandle = arguments => new(IsRetried(arguments, policy, budget)),
                DelayGenerator = arguments => new(Delay(arguments, policy)),
            });
        }

        if (policy.HedgeAfter is { } after)
        {
            builder.AddStrategy(_ => new HedgedReads(after, policy.HedgeBudgetRatio, clock), new Unnamed());
        }

        return builder
            .AddPipeline(breaker)
            .AddTimeout(new TimeoutStrategyOptions
            {
                TimeoutGenerator = arguments => new(policy.AttemptTimeout + CallOf(arguments.Context).Extra),
            })
            .Build();
    }

    /// <summary>Opens when half of the calls of 10 s have found nobody, if those were 20 at least.</summary>
    public static ResiliencePipeline Breaker(CircuitBreakerStateProvider state, TimeProvider clock) => new ResiliencePipelineBuilder { TimeProvider = clock }
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions
        {
            FailureRatio = 0.5,
            SamplingDuration = TimeSpan.FromSeconds(10),
            MinimumThroughput = 20,
            BreakDuration = TimeSpan.FromSeconds(2),
            StateProvider = state,
            ShouldHandle = arguments => new(IsSick(arguments.Outcome.Exception)),
        })
        .Build();

    /// <summary>How long a call may take.</summary>
    public static TimeSpan Total(Call call, CallPolicy policy)
    {
        var most = policy.TotalTimeout + call.Extra;
        return call.Options?.Timeout is { } asked && asked < most ? asked : most;
    }

    private static Call CallOf(ResilienceContext context) => context.Properties.GetValue(Call, null!);

    /// <summary>What is left of that; nothing would mean for ever.</summary>
    private static TimeSpan Left(Call call, CallPolicy policy, TimeProvider clock)
    {
        var left = Total(call, policy) - clock.GetElapsedTime(call.Begun);
        return left > LeftMin ? left : LeftMin;
    }

    private static bool IsRetried(RetryPredicateArguments<object> arguments, CallPolicy policy, RetryBudget budget)
    {
        var error = arguments.Outcome.Exception;
        if (error is null)
        {
            budget.Earn();
            return false;
        }

        var call = CallOf(arguments.Context);
        return (error is not OperationCanceledException || error is TimeoutRejectedException)
            && call.MayRetry(error, policy.MaxAttempts)
            && budget.TrySpend();
    }

    /// <summary>Full jitter over a doubling time; what the provider asked for is a floor.</summary>
    private static TimeSpan? Delay(RetryDelayGeneratorArguments<object> arguments, CallPolicy policy)
    {
        var most = Math.Min(policy.FirstRetryDelay.TotalMilliseconds * Math.Pow(2, arguments.AttemptNumber), DelayMost.TotalMilliseconds);
        var jittered = TimeSpan.FromMilliseconds(most * Jitter.Next());
        return arguments.Outcome.Exception is FuryException { RetryAfter: { } asked } && asked > jittered ? asked : jittered;
    }

    private static bool IsSick(Exception? error) =>
        error is TimeoutRejectedException or FuryException { Code: FuryErrorCode.Unavailable or FuryErrorCode.Timeout };

    private sealed class Unnamed : ResilienceStrategyOptions;
}
