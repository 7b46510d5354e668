namespace Fury.Sdk.Coordination;

public record LockOptions
{
    /// <summary>1 s to 12 h.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long to wait for a lock that another has.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.Zero;

    /// <summary>Renewed by itself at each third of the lease, until it is disposed.</summary>
    public bool AutoRenew { get; init; } = true;
}

/// <summary>A lock that is held. Dispose it to let it go.</summary>
public abstract class LockLease : IAsyncDisposable
{
    public abstract string Resource { get; }

    /// <summary>
    /// Higher than of every earlier holder of this resource, also across a switch of the provider: the binding's epoch is in its high bits. Stores
    /// take it as <c>Fence</c> and refuse a holder that was overtaken. That is what is safe; the lock alone is as safe as clocks and pauses allow.
    /// </summary>
    public abstract long FencingToken { get; }

    public abstract DateTimeOffset ExpiresAt { get; }

    /// <summary>Cancelled before the lease is over when it could not be renewed: stop now.</summary>
    public abstract CancellationToken Lost { get; }

    /// <summary>Throws <see cref="FuryErrorCode.LeaseLost"/> when it is another's or nobody's.</summary>
    public abstract Task RenewAsync(TimeSpan lease, CancellationToken cancellationToken = default);

    public abstract ValueTask DisposeAsync();
}

/// <param name="ExpiresAt">When the lease of the holder ends; null when nobody holds it.</param>
public readonly record struct LockState(bool Held, DateTimeOffset? ExpiresAt);

/// <summary>Mutual exclusion by name.</summary>
public abstract class LockService(string name) : FuryService(name)
{
    /// <summary>Null when another has it, at the end of <see cref="LockOptions.Wait"/>.</summary>
    public abstract Task<LockLease?> TryAcquireAsync(
        string resource, LockOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>As above, but throws <see cref="FuryErrorCode.Timeout"/>.</summary>
    public abstract Task<LockLease> AcquireAsync(string resource, LockOptions options, CancellationToken cancellationToken = default);

    public abstract ValueTask<LockState> PeekAsync(string resource, CancellationToken cancellationToken = default);
}
