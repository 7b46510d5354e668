namespace Fury.Hosting;

/// <summary>Who may do what only one host may do at a time. Kept in PostgreSQL; only the database's clock is ever compared.</summary>
public interface ILeases
{
    /// <summary>
    /// Takes the lease when it is free, has run out, or belongs to an earlier incarnation of this node; null otherwise. It is renewed in the
    /// background until it is disposed or lost.
    /// </summary>
    Task<ILease?> TryAcquire(string name, CancellationToken cancellation);
}

/// <summary>A lease that this process holds. Disposing gives it up at once.</summary>
public interface ILease : IAsyncDisposable
{
    string Name { get; }

    /// <summary>The fencing token: higher than that of any earlier holder. Whoever receives it refuses a lower one.</summary>
    long Token { get; }

    /// <summary>
    /// Cancelled when the lease is disposed or can no longer be relied on: by a monotonic clock and with a margin, before another may take it.
    /// </summary>
    CancellationToken Lost { get; }

    /// <summary>
    /// Whether it can be relied on at this moment, by the clock: to be asked before an effect that nothing fences. After a pause of the
    /// whole process it is false at once, while <see cref="Lost"/> may take a moment to be cancelled.
    /// </summary>
    bool IsHeld => !Lost.IsCancellationRequested;
}
