namespace Fury.Sdk.Local;

/// <summary>Lets many wait for a change, or for a time.</summary>
internal sealed class Pulse(TimeProvider clock)
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>To be taken before looking, so that no change is missed between looking and waiting.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    public void Beat() => Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    public async Task Wait(Task next, TimeSpan most, CancellationToken cancellation)
    {
        try
        {
            await next.WaitAsync(most, clock, cancellation);
        }
        catch (TimeoutException)
        {
            // The time is over, which is what was waited for too.
        }
    }
}
