using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Moving;

/// <summary>
/// Locks that move. Whoever wants one needs it of the source before the move, of both while it goes on, and of the target after, so that two of
/// neighbouring phases always meet in one of them. Counters are raised from store to store before a grant is given, so that they grow in whichever order
/// neighbours come; the epoch of the tokens stays for it what it was.
/// </summary>
internal sealed class MovingLocks(MovePhase phase, ILockDriver source, ILockDriver target) : ILockDriver
{
    public string Provider => phase == MovePhase.Settling ? target.Provider : source.Provider;

    public CapabilitySet Declared { get; } = Sides.Both(source, target);

    public bool EndsAtOnce => source.EndsAtOnce && target.EndsAtOnce;

    public ValueTask ProbeAsync(CancellationToken cancellation) => Sides.Probe(source, target, cancellation);

    public async ValueTask DisposeAsync()
    {
        await source.DisposeAsync();
        await target.DisposeAsync();
    }

    public ValueTask<LockGrant?> TryAcquireAsync(string resource, string owner, TimeSpan lease, CancellationToken cancellation) => phase switch
    {
        MovePhase.Preparing => Acquire(source, resource, owner, lease, cancellation),
        MovePhase.Settling => AcquireLast(resource, owner, lease, cancellation),
        _ => AcquireBoth(resource, owner, lease, cancellation),
    };

    public async ValueTask<DateTimeOffset?> RenewAsync(string resource, string owner, TimeSpan lease, CancellationToken cancellation)
    {
        var inSource = await source.Ask(each => each.RenewAsync(resource, owner, lease, cancellation), cancellation);
        if (phase == MovePhase.Preparing)
        {
            return inSource;
        }

        var inTarget = await target.Ask(each => each.RenewAsync(resource, owner, lease, cancellation), cancellation);
        if (inSource is null && inTarget is null)
        {
            return null;
        }

        // It was acquired by a neighbour's rule: from now on it is held by this phase's.
        inTarget ??= (await Acquire(target, resource, owner, lease, cancellation))?.ExpiresAt;
        if (phase == MovePhase.Settling || inTarget is null)
        {
            return inTarget;
        }

        inSource ??= (await Acquire(source, resource, owner, lease, cancellation))?.ExpiresAt;
        return inSource > inTarget ? inTarget : inSource;
    }

    public async ValueTask ReleaseAsync(string resource, string owner, CancellationToken cancellation)
    {
        if (phase != MovePhase.Preparing)
        {
            await Release(target, resource, owner, cancellation);
        }

        await Release(source, resource, owner, cancellation);
    }

    public async ValueTask<DateTimeOffset?> PeekAsync(string resource, CancellationToken cancellation)
    {
        var inSource = await source.Ask(each => each.PeekAsync(resource, cancellation), cancellation);
        var inTarget = phase == MovePhase.Preparing ? null : await target.Ask(each => each.PeekAsync(resource, cancellation), cancellation);
        return inSource > inTarget ? inSource : inTarget ?? inSource;
    }

    public ValueTask<LockCounterPage> CountersAsync(string? from, int limit, CancellationToken cancellation) =>
        (phase == MovePhase.Settling ? target : source).Ask(each => each.CountersAsync(from, limit, cancellation), cancellation);

    public async ValueTask RaiseAsync(string resource, long floor, CancellationToken cancellation)
    {
        await source.Do(each => each.RaiseAsync(resource, floor, cancellation), cancellation);
        await target.Do(each => each.RaiseAsync(resource, floor, cancellation), cancellation);
    }

    /// <summary>
    /// Raises the counters of the target above all that the source has given, also of locks that nobody wants while the move goes on; between the start of
    /// the phase that needs both and the first that needs the target alone. Again after a crash it is the same.
    /// </summary>
    public static async Task RaiseAll(ILockDriver source, ILockDriver target, CancellationToken cancellation)
    {
        string? from = null;
        do
        {
            var page = await source.Ask(each => each.CountersAsync(from, 100, cancellation), cancellation);
            foreach (var (resource, counter) in page.Counters)
            {
                await target.Do(each => each.RaiseAsync(resource, counter, cancellation), cancellation);
            }

            from = page.Next;
        }
        while (from is not null);
    }

    private async ValueTask<LockGrant?> AcquireBoth(string resource, string owner, TimeSpan lease, CancellationToken cancellation)
    {
        if (await Acquire(source, resource, owner, lease, cancellation) is not { } first)
        {
            return null;
        }

        await target.Do(each => each.RaiseAsync(resource, first.Counter - 1, cancellation), cancellation);
        if (await Acquire(target, resource, owner, lease, cancellation) is not { } second)
        {
            await Release(source, resource, owner, cancellation);
            return null;
        }

        // Before anybody has the token: the next in the source alone has a higher one.
        var counter = Math.Max(first.Counter, second.Counter);
        await source.Do(each => each.RaiseAsync(resource, counter, cancellation), cancellation);
        return new LockGrant(counter, first.ExpiresAt < second.ExpiresAt ? first.ExpiresAt : second.ExpiresAt);
    }

    /// <summary>In the target; but one that was acquired before the move, and is held still, stands in the source alone.</summary>
    private async ValueTask<LockGrant?> AcquireLast(string resource, string owner, TimeSpan lease, CancellationToken cancellation)
    {
        if (await Acquire(target, resource, owner, lease, cancellation) is not { } grant)
        {
            return null;
        }

        if (await source.Ask(each => each.PeekAsync(resource, cancellation), cancellation) is null)
        {
            return grant;
        }

        await Release(target, resource, owner, cancellation);
        return null;
    }

    private static ValueTask<LockGrant?> Acquire(ILockDriver driver, string resource, string owner, TimeSpan lease, CancellationToken cancellation) =>
        driver.Ask(each => each.TryAcquireAsync(resource, owner, lease, cancellation), cancellation);

    private static ValueTask Release(ILockDriver driver, string resource, string owner, CancellationToken cancellation) =>
        driver.Do(each => each.ReleaseAsync(resource, owner, cancellation), cancellation);
}
