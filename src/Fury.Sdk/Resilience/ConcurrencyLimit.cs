using System.Diagnostics.CodeAnalysis;
using Polly;

namespace Fury.Sdk.Resilience;

/// <summary>So many calls at once; a bounded number waits, the rest is refused.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "The semaphore has no handle as long as nobody asks for one.")]
internal sealed class ConcurrencyLimit(int most, int waitingMost) : ResilienceStrategy
{
    private readonly SemaphoreSlim _free = new(most);
    private int _waiting;

    /// <summary>Takes a place if there is one; whoever has it gives it back.</summary>
    public bool TryEnter() => _free.Wait(0, CancellationToken.None);

    public void Exit() => _free.Release();

    protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
    {
        if (!_free.Wait(0, CancellationToken.None))
        {
            if (Interlocked.Increment(ref _waiting) > waitingMost)
            {
                Interlocked.Decrement(ref _waiting);
                return Outcome.FromException<TResult>(new FuryException(
                    FuryErrorCode.Throttled, $"{most} calls are in flight and {waitingMost} wait; the policy allows no more.")
                { IsTransient = true });
            }

            try
            {
                await _free.WaitAsync(context.CancellationToken);
            }
            catch (OperationCanceledException cancelled)
            {
                return Outcome.FromException<TResult>(cancelled);
            }
            finally
            {
                Interlocked.Decrement(ref _waiting);
            }
        }

        try
        {
            return await callback(context, state);
        }
        finally
        {
            _free.Release();
        }
    }
}
