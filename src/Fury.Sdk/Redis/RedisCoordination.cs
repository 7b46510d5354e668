using Fury.Sdk.Coordination;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Redis;

/// <summary>
/// A lock is a key that expires, with its owner and counter; the counter stays when the lock goes. Redis's own clock ends leases, and a failover may
/// forget a lock: the fencing token is what is safe.
/// </summary>
internal sealed class RedisLocks(DriverContext context) : RedisDriver(context), ILockDriver
{
    // KEYS: lock, counter. ARGV: owner, ms.
    private static readonly RedisScript Acquire = new("""
        local held = redis.call('HMGET', KEYS[1], 'o', 'c')
        if held[1] and held[1] ~= ARGV[1] then return false end
        local counter = held[2] or tostring(redis.call('INCR', KEYS[2]))
        redis.call('HSET', KEYS[1], 'o', ARGV[1], 'c', counter)
        redis.call('PEXPIRE', KEYS[1], ARGV[2])
        return counter
        """);

    private static readonly RedisScript Renew = new("""
        if redis.call('HGET', KEYS[1], 'o') ~= ARGV[1] then return 0 end
        return redis.call('PEXPIRE', KEYS[1], ARGV[2])
        """);

    private static readonly RedisScript Release = new("""
        if redis.call('HGET', KEYS[1], 'o') ~= ARGV[1] then return 0 end
        return redis.call('DEL', KEYS[1])
        """);

    public override CapabilitySet Declared { get; } = CapabilitySet.Native(CoordinationCapabilities.Fencing, CoordinationCapabilities.Renew);

    public async ValueTask<LockGrant?> TryAcquireAsync(string resource, string owner, TimeSpan lease, CancellationToken cancellation)
    {
        var end = Clock.GetUtcNow() + lease;
        var answer = await Run(
            Acquire, [Lock(resource), Part($"{Prefix}c:{resource}")], [Part(owner), Part((long)lease.TotalMilliseconds)], cancellation);
        return answer.IsNull ? null : new LockGrant(long.Parse(answer.Text, System.Globalization.CultureInfo.InvariantCulture), end);
    }

    public async ValueTask<DateTimeOffset?> RenewAsync(string resource, string owner, TimeSpan lease, CancellationToken cancellation)
    {
        var end = Clock.GetUtcNow() + lease;
        var answer = await Run(Renew, [Lock(resource)], [Part(owner), Part((long)lease.TotalMilliseconds)], cancellation);
        return answer.Number == 1 ? end : null;
    }

    public async ValueTask ReleaseAsync(string resource, string owner, CancellationToken cancellation) =>
        await Run(Release, [Lock(resource)], [Part(owner)], cancellation);

    public async ValueTask<DateTimeOffset?> PeekAsync(string resource, CancellationToken cancellation)
    {
        var left = await Ask(cancellation, Part("PTTL"), Lock(resource));
        return left.Number > 0 ? Clock.GetUtcNow() + TimeSpan.FromMilliseconds(left.Number) : null;
    }

    public async ValueTask RaiseAsync(string resource, long floor, CancellationToken cancellation) =>
        await Run(RaiseTo, [Part($"{Prefix}c:{resource}")], [Part(floor)], cancellation);

    public async ValueTask<LockCounterPage> CountersAsync(string? from, int limit, CancellationToken cancellation)
    {
        var page = await KeysThatBegin(Prefix + "c:", from, limit, cancellation);
        if (page.Names.Count == 0)
        {
            return new LockCounterPage([], page.Next);
        }

        var counters = await Ask(cancellation, [Part("MGET"), .. page.Names.Select(name => Part($"{Prefix}c:{name}"))]);
        return new LockCounterPage(
            [
                .. page.Names.Zip(counters.Items!).Where(each => !each.Second.IsNull).Select(each =>
                    new LockCounter(each.First, long.Parse(each.Second.Text, System.Globalization.CultureInfo.InvariantCulture))),
            ],
            page.Next);
    }

    private ReadOnlyMemory<byte> Lock(string resource) => Part($"{Prefix}l:{resource}");
}

internal sealed class RedisSequences(DriverContext context) : RedisDriver(context), ISequenceDriver
{
    public override CapabilitySet Declared { get; } = CapabilitySet.Native(CoordinationCapabilities.Range);

    public async ValueTask<long> ReserveAsync(string sequence, long count, CancellationToken cancellation) =>
        (await Ask(cancellation, Part("INCRBY"), Key(sequence), Part(count))).Number - count + 1;

    public async ValueTask<long> PeekAsync(string sequence, CancellationToken cancellation) =>
        await Ask(cancellation, Part("GET"), Key(sequence)) is { IsNull: false } last
            ? long.Parse(last.Text, System.Globalization.CultureInfo.InvariantCulture)
            : 0;

    public async ValueTask RaiseAsync(string sequence, long floor, CancellationToken cancellation) =>
        await Run(RaiseTo, [Key(sequence)], [Part(floor)], cancellation);

    public ValueTask<NamePage> NamesAsync(string? from, int limit, CancellationToken cancellation) =>
        KeysThatBegin(Prefix + "s:", from, limit, cancellation);

    private ReadOnlyMemory<byte> Key(string sequence) => Part($"{Prefix}s:{sequence}");
}
