using Polly;

namespace Fury.Sdk.Resilience;

/// <summary>
/// Asks once more what has no answer after a while, and takes the answer that comes first; a failure is taken only when both have failed. Only what changes
/// nothing and has a small answer is asked so, and only as often as the budget allows, so that a provider that is slow for everybody is not asked twice by all.
/// </summary>
internal sealed class HedgedReads(TimeSpan after, double ratio, TimeProvider clock) : ResilienceStrategy
{
    private readonly RetryBudget _budget = new(ratio);

    protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
    {
        if (!context.Properties.GetValue(Pipelines.Call, null!).Operation.CanBeHedged)
        {
            return await callback(context, state);
        }

        _budget.Earn();
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        var first = Ask(callback, context, state, ends.Token);
        if (await IsThere(first, ends.Token) || !_budget.TrySpend())
        {
            return await first;
        }

        var second = Ask(callback, context, state, ends.Token);
        var sooner = await Task.WhenAny(first, second);
        var later = sooner == first ? second : first;
        var outcome = await sooner;
        if (outcome.Exception is not null)
        {
            return await later is { Exception: null } other ? other : outcome;
        }

        // Drivers end at once, so nothing of this call goes on after it.
        await ends.CancelAsync();
        await later;
        return outcome;
    }

    private async Task<bool> IsThere(Task answer, CancellationToken cancellation)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var isThere = await Task.WhenAny(answer, Task.Delay(after, clock, enough.Token)) == answer;
        await enough.CancelAsync();
        return isThere;
    }

    /// <summary>One of the two, with a context of its own; never throws.</summary>
    private static async Task<Outcome<TResult>> Ask<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext outer, TState state, CancellationToken cancellation)
    {
        var context = ResilienceContextPool.Shared.Get(cancellation);
        try
        {
            context.Properties.Set(Pipelines.Call, outer.Properties.GetValue(Pipelines.Call, null!));
            return await callback(context, state);
        }
        catch (Exception error)
        {
            return Outcome.FromException<TResult>(error);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }
}
