using System.Diagnostics.CodeAnalysis;
using Fury.Sdk.Bindings;
using Polly;
using Polly.CircuitBreaker;

namespace Fury.Sdk.Resilience;

/// <summary>
/// The policy of one binding. Almost every call is done after its first attempt, which needs nothing of the policy but a place, a time and a look at the
/// circuit: it is made straight, without a layer of waiting code for each of these. What it came to is told to the policy, which does all the rest: it begins
/// with that failure as its own first attempt.
/// </summary>
internal sealed class CallPipeline(CallPolicy policy, TimeProvider clock)
{
    private readonly CircuitBreakerStateProvider _circuit = new();
    private readonly ConcurrencyLimit _limit = new(policy.MaxConcurrentCalls, policy.MaxWaitingCalls);
    private readonly RetryBudget _budget = new(policy.RetryBudgetRatio);
    private ResiliencePipeline? _breaker;
    private ResiliencePipeline? _whole;

    /// <summary>All of the policy.</summary>
    public ResiliencePipeline Whole => _whole ?? Build();

    /// <summary>
    /// A place for a first attempt, and its time. Null: the call has to wait, or the circuit is not closed, or it may be asked twice at once, and goes the
    /// whole way from the beginning.
    /// </summary>
    public AttemptTime? TryBegin(Call call, CancellationToken cancellation)
    {
        if ((policy.HedgeAfter is not null && call.Operation.CanBeHedged) || !IsClosed() || !_limit.TryEnter())
        {
            return null;
        }

        var (most, total) = (policy.AttemptTimeout + call.Extra, Pipelines.Total(call, policy));
        return AttemptTime.Begin(most < total ? most : total, clock, cancellation);
    }

    /// <summary>The first attempt is over.</summary>
    public void End(AttemptTime time)
    {
        time.End();
        _limit.Exit();
    }

    /// <summary>The first attempt was good. The circuit looks at the share of failures, so it must know of all that are none.</summary>
    [SuppressMessage("Reliability", "CA2012", Justification = "It is done at once: nothing in a circuit waits.")]
    public void Succeeded()
    {
        _budget.Earn();
        var context = ResilienceContextPool.Shared.Get(CancellationToken.None);
        _ = _breaker!.ExecuteOutcomeAsync(static (_, _) => new ValueTask<Outcome<bool>>(Outcome.FromResult(true)), context, 0);
        ResilienceContextPool.Shared.Return(context);
    }

    private bool IsClosed()
    {
        _ = Whole;
        return _circuit.CircuitState == CircuitState.Closed;
    }

    private ResiliencePipeline Build()
    {
        lock (_limit)
        {
            if (_whole is null)
            {
                _breaker = Pipelines.Breaker(_circuit, clock);
                _whole = Pipelines.Build(policy, _limit, _budget, _breaker, clock);
            }

            return _whole;
        }
    }
}
