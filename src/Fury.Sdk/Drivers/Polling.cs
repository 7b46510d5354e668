namespace Fury.Sdk.Drivers;

/// <summary>How a driver waits whose provider does not tell when something has come: it looks, after pauses that double.</summary>
/// <param name="first">The first pause.</param>
/// <param name="longest">No pause is longer.</param>
public sealed class Polling(TimeSpan first, TimeSpan longest)
{
    /// <summary>What is found: at once, in the time that is waited, or at its end, when it may be nothing.</summary>
    /// <param name="wait">0: it is looked for once.</param>
    public async ValueTask<IReadOnlyList<T>> FindAsync<T>(
        Func<ValueTask<IReadOnlyList<T>>> look, TimeSpan wait, TimeProvider clock, CancellationToken cancellation)
    {
        var deadline = clock.GetUtcNow() + wait;
        for (var pause = first; ; pause = pause * 2 > longest ? longest : pause * 2)
        {
            var found = await look();
            var left = deadline - clock.GetUtcNow();
            if (found.Count > 0 || left <= TimeSpan.Zero)
            {
                return found;
            }

            await Task.Delay(pause < left ? pause : left, clock, cancellation);
        }
    }
}
