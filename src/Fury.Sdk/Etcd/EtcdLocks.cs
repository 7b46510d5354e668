using Fury.Sdk.Coordination;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Etcd;

/// <summary>
/// A lock is a key with a lease; the revision at which it was made is the counter, so it grows over all locks. etcd tells what is left of a lease in
/// whole seconds, rounded down, and takes its time to end one. So a lease of etcd is a second longer than ours: when less than a second is left, ours
/// is over by etcd's own clock, and another may take it.
/// </summary>
internal sealed class EtcdLocks(DriverContext context) : EtcdDriver(context), ILockDriver
{
    public override CapabilitySet Declared { get; } = CapabilitySet.Native(CoordinationCapabilities.Fencing, CoordinationCapabilities.Renew);

    public async ValueTask<LockGrant?> TryAcquireAsync(string resource, string owner, TimeSpan lease, CancellationToken cancellation)
    {
        var (key, value) = (Key(resource), Bytes(owner));
        if (await Find(key, cancellation) is { } held)
        {
            if (held.Bytes.AsSpan().SequenceEqual(value))
            {
                return await Keep(key, value, lease, cancellation) is { } end ? new LockGrant(held.CreateRevision, end) : null;
            }

            if (await Left(held.Lease, cancellation) > 0 || !await Free(key, held.ModRevision, cancellation))
            {
                return null;
            }
        }

        var till = Clock.GetUtcNow() + lease;
        var put = new EtcdPut(key, value, await Grant(Seconds(lease), cancellation));
        var made = await Transact([EtcdCompare.Absent(key)], [new EtcdStep(RequestPut: put)], null, cancellation);
        return made.Succeeded ? new LockGrant(made.Header.Revision, till) : null;
    }

    public ValueTask<DateTimeOffset?> RenewAsync(string resource, string owner, TimeSpan lease, CancellationToken cancellation) =>
        Keep(Key(resource), Bytes(owner), lease, cancellation);

    public async ValueTask ReleaseAsync(string resource, string owner, CancellationToken cancellation)
    {
        var key = Key(resource);
        await Transact([EtcdCompare.Is(key, Bytes(owner))], [new EtcdStep(RequestDeleteRange: new EtcdRange(key))], null, cancellation);
    }

    public async ValueTask<DateTimeOffset?> PeekAsync(string resource, CancellationToken cancellation) =>
        await Find(Key(resource), cancellation) is { } held && await Left(held.Lease, cancellation) is > 0 and var left
            ? Clock.GetUtcNow() + TimeSpan.FromSeconds(left)
            : null;

    /// <summary>A new lease under the same key, in one step with the look at whose it is: who finds the old one over then finds a later revision.</summary>
    private async ValueTask<DateTimeOffset?> Keep(byte[] key, byte[] value, TimeSpan lease, CancellationToken cancellation)
    {
        var end = Clock.GetUtcNow() + lease;
        var put = new EtcdPut(key, value, await Grant(Seconds(lease), cancellation));
        return (await Transact([EtcdCompare.Is(key, value)], [new EtcdStep(RequestPut: put)], null, cancellation)).Succeeded ? end : null;
    }

    private async ValueTask<bool> Free(byte[] key, long revision, CancellationToken cancellation) => (await Transact(
        [EtcdCompare.At(key, revision)], [new EtcdStep(RequestDeleteRange: new EtcdRange(key))], null, cancellation)).Succeeded;

    private static long Seconds(TimeSpan lease) => (long)Math.Ceiling(lease.TotalSeconds) + 1;

    private byte[] Key(string resource) => Bytes($"{Resource}/lock/{resource}");
}
