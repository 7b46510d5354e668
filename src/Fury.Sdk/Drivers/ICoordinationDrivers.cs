namespace Fury.Sdk.Drivers;

/// <param name="Counter">Higher than of each earlier holder of this resource; below 2^40.</param>
public readonly record struct LockGrant(long Counter, DateTimeOffset ExpiresAt);

public interface ILockDriver : IDriver
{
    /// <summary>Null when another owner has it. Asked again by the owner that has it, it gives the same counter and a new lease.</summary>
    ValueTask<LockGrant?> TryAcquireAsync(string resource, string owner, TimeSpan lease, CancellationToken cancellation);

    /// <summary>The new end of the lease; null when this owner does not have it.</summary>
    ValueTask<DateTimeOffset?> RenewAsync(string resource, string owner, TimeSpan lease, CancellationToken cancellation);

    /// <summary>No error when this owner does not have it.</summary>
    ValueTask ReleaseAsync(string resource, string owner, CancellationToken cancellation);

    /// <summary>When its lease ends; null when nobody has it.</summary>
    ValueTask<DateTimeOffset?> PeekAsync(string resource, CancellationToken cancellation);

    /// <summary>Gives later holders no counter up to this number: when a lock comes from elsewhere. Never lowers it, and frees nothing.</summary>
    ValueTask RaiseAsync(string resource, long floor, CancellationToken cancellation) => throw new NotSupportedException();

    /// <summary>
    /// The highest counters that were given, of all that was ever locked, in the provider's own order, from where a page ended (null: from the start).
    /// What is there all the while comes at least once. About so many at once.
    /// </summary>
    ValueTask<LockCounterPage> CountersAsync(string? from, int limit, CancellationToken cancellation) => throw new NotSupportedException();
}

public readonly record struct LockCounter(string Resource, long Counter);

/// <param name="Next">Where the next page begins; null when there is none.</param>
public readonly record struct LockCounterPage(IReadOnlyList<LockCounter> Counters, string? Next);

public interface ISequenceDriver : IDriver
{
    /// <summary>The first of so many numbers, from 1 on, that nobody else is given.</summary>
    ValueTask<long> ReserveAsync(string sequence, long count, CancellationToken cancellation);

    /// <summary>The highest that was given, or 0.</summary>
    ValueTask<long> PeekAsync(string sequence, CancellationToken cancellation);

    /// <summary>Gives nothing up to this number any more: after a restore, or when a sequence comes from elsewhere. Never lowers it.</summary>
    ValueTask RaiseAsync(string sequence, long floor, CancellationToken cancellation);

    /// <summary>
    /// All sequences of which numbers were given, in the provider's own order, from where a page ended (null: from the start). What is there all the
    /// while comes at least once. About so many at once.
    /// </summary>
    ValueTask<NamePage> NamesAsync(string? from, int limit, CancellationToken cancellation) => throw new NotSupportedException();
}

/// <param name="Next">Where the next page begins; null when there is none.</param>
public readonly record struct NamePage(IReadOnlyList<string> Names, string? Next);
