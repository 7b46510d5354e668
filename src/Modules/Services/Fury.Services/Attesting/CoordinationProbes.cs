using System.Security.Cryptography;
using Fury.Sdk.Coordination;
using Fury.Sdk.Drivers;

namespace Fury.Services.Attesting;

/// <summary>
/// Whether a lock has one holder, tokens that grow, and renewals of its holder alone. The name is the same each time, since providers keep the counter of each
/// name for ever: one stays, and no more.
/// </summary>
internal sealed class LockProbe(ILockDriver locks, Probe probe, TimeProvider clock)
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(20);

    private readonly string _one = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private readonly string _other = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private readonly HashSet<string> _owners = [];

    public async Task Run(CancellationToken cancellation)
    {
        try
        {
            if (await locks.PeekAsync(Probe.Name, cancellation) is null)
            {
                await probe.Ask(locks, CoordinationCapabilities.Fencing, () => Fences(cancellation));
                await probe.Ask(locks, CoordinationCapabilities.Renew, () => Renews(cancellation));
            }
        }
        finally
        {
            await Probe.Clean(_owners, (owner, stop) => locks.ReleaseAsync(Probe.Name, owner, stop), clock);
        }
    }

    private async Task<bool> Fences(CancellationToken cancellation)
    {
        var grants = await Probe.Race(async () =>
        {
            var owner = RandomNumberGenerator.GetHexString(32, lowercase: true);
            return (Owner: owner, Grant: await Acquire(owner, cancellation));
        });
        if (grants.All(each => each.Grant is null))
        {
            // Another probe has it.
            throw new NotKnownException();
        }

        if (grants.Where(each => each.Grant is not null).ToList() is not [var (holder, first)]
            || (await Acquire(holder, cancellation))?.Counter != first!.Value.Counter
            || await Acquire(_other, cancellation) is not null)
        {
            return false;
        }

        await locks.ReleaseAsync(Probe.Name, holder, cancellation);
        var second = await Acquire(_one, cancellation);
        await locks.ReleaseAsync(Probe.Name, _one, cancellation);
        return second?.Counter > first.Value.Counter && await locks.PeekAsync(Probe.Name, cancellation) is null;
    }

    private async Task<bool> Renews(CancellationToken cancellation)
    {
        var grant = await Acquire(_one, cancellation);
        var renewed = await locks.RenewAsync(Probe.Name, _one, Lease * 2, cancellation);
        var stranger = await locks.RenewAsync(Probe.Name, _other, Lease * 2, cancellation);
        await locks.ReleaseAsync(Probe.Name, _one, cancellation);
        return grant is { } held && renewed > held.ExpiresAt && stranger is null && await locks.RenewAsync(Probe.Name, _one, Lease, cancellation) is null;
    }

    private async Task<LockGrant?> Acquire(string owner, CancellationToken cancellation)
    {
        lock (_owners)
        {
            _owners.Add(owner);
        }

        return await locks.TryAcquireAsync(Probe.Name, owner, Lease, cancellation);
    }
}

/// <summary>Whether numbers are given once, in a piece, and are known to have been given. The sequence stays, by the same name each time.</summary>
internal sealed class SequenceProbe(ISequenceDriver sequences, Probe probe)
{
    private const int Count = 3;

    public Task Run(CancellationToken cancellation) => probe.Ask(sequences, CoordinationCapabilities.Range, async () =>
    {
        var firsts = await Probe.Race(async () => await sequences.ReserveAsync(Probe.Name, Count, cancellation));
        var numbers = firsts.SelectMany(first => Enumerable.Range(0, Count).Select(each => first + each)).ToList();
        return numbers.Distinct().Count() == numbers.Count
            && await sequences.PeekAsync(Probe.Name, cancellation) >= numbers.Max()
            && await sequences.ReserveAsync(Probe.Name, 1, cancellation) > numbers.Max();
    });
}
