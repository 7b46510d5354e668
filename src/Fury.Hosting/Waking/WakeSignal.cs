namespace Fury.Hosting;

/// <summary>A bell for one waiter. Rings while nobody waits are one ring.</summary>
public sealed class WakeSignal
{
    private TaskCompletionSource _next = New();

    public void Set() => Volatile.Read(ref _next).TrySetResult();

    /// <summary>Returns at the next ring, or after the time. A ring from before the return is answered by it; one from after it is kept.</summary>
    public async Task Wait(TimeSpan atMost, TimeProvider clock, CancellationToken cancellation)
    {
        // Time and cancellation ring the bell themselves: a wait on top of the wait would go over the pool, past the caller's scheduler.
        var next = Volatile.Read(ref _next);
        using var timer = clock.CreateTimer(_ => next.TrySetResult(), null, atMost, Timeout.InfiniteTimeSpan);
        using var told = cancellation.UnsafeRegister(_ => next.TrySetResult(), null);
        await next.Task;
        cancellation.ThrowIfCancellationRequested();
        Interlocked.Exchange(ref _next, New());
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
