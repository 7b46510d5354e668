using Fury.Compute.Contracts;
using Fury.Kernel;
using Xunit;

namespace Fury.Testing;

/// <summary>What an engine tells of places, of many pools at once, and of what replicas use.</summary>
public abstract partial class ComputeEngineContract
{
    [Fact]
    public async Task Every_location_that_is_told_is_one_and_any_other_is_refused()
    {
        var locations = await Engine.Locations(default);

        var known = await Task.WhenAll(locations.Select(location => Engine.Ensure(Pool(0) with { Location = location }, default)));
        var other = await Engine.Ensure(Pool(0) with { Location = Location with { Region = "nowhere" } }, default);

        Assert.Contains(Location, locations);
        Assert.Equal(locations.Select(location => $"{location}").Distinct().Order(StringComparer.Ordinal), locations.Select(location => $"{location}"));
        Assert.All(known, outcome => Assert.True(outcome.IsOk, outcome.Fault?.ToString()));
        Assert.Equal(FaultKind.Invalid, other.Fault?.Kind);
        Assert.Equal("location", Assert.Single(other.Fault!.Fields).Field);
    }

    [Fact]
    public async Task Many_pools_are_described_at_once_and_those_that_are_not_known_are_left_out()
    {
        var (running, retired) = (Pool(replicas: 2), Pool());
        await Engine.Ensure(running, default);
        await Engine.Ensure(retired, default);
        await Until(running.Id, pool => pool.Ready == 2);
        await Engine.Retire(retired.Id, default);
        await Until(retired.Id, pool => pool.Phase == PoolPhase.Retired);

        // The launch may still have something of its own to record.
        await Eventually.True(async () =>
        {
            var all = await Engine.Describe([retired.Id, PoolId.New(TimeProvider.System), running.Id, running.Id], default);
            var each = new[] { (await Engine.Describe(running.Id, default)).Value, (await Engine.Describe(retired.Id, default)).Value };
            return all.Select(Told).SequenceEqual(each.OrderBy(pool => $"{pool.Id}", StringComparer.Ordinal).Select(Told));
        });
        Assert.Empty(await Engine.Describe([], default));
        await Assert.ThrowsAnyAsync<ArgumentException>(
            () => Engine.Describe([.. Enumerable.Range(0, IComputeEngine.PoolsMax + 1).Select(_ => PoolId.New(TimeProvider.System))], default));

        static (PoolId, long, PoolPhase, string) Told(PoolState pool) => (pool.Id, pool.Revision, pool.Phase, string.Join(' ', pool.Replicas));
    }

    [Fact]
    public async Task What_replicas_use_is_told_and_grows_and_what_is_not_known_is_left_out()
    {
        var (busy, other) = (Pool(replicas: 2), Pool());
        await Engine.Ensure(busy, default);
        await Engine.Ensure(other, default);
        var pool = await Until(busy.Id, pool => pool.Ready == 2);
        var replica = pool.Replicas[0].Id;

        await Work(busy.Id, replica, 64 << 20);
        var first = await Until(() => Used(replica), used => used is { MemoryBytes: 64 << 20 });
        await Work(busy.Id, replica, 32 << 20);
        var second = await Until(() => Used(replica), used => used is { MemoryBytes: 32 << 20 } && used.CpuSeconds > first!.CpuSeconds);

        Assert.Equal((busy.Id, 0), (second!.Pool, second.OutOfMemoryKills));
        Assert.Empty(await Engine.Usage([other.Id, PoolId.New(TimeProvider.System)], default));

        async Task<ReplicaUsage?> Used(InstanceId one) =>
            (await Engine.Usage([busy.Id, other.Id, PoolId.New(TimeProvider.System)], default)).SingleOrDefault(used => used.Replica == one);
    }

    [Fact]
    public async Task A_replica_that_runs_out_of_memory_is_told_so_each_time()
    {
        var spec = Pool();
        await Engine.Ensure(spec, default);
        var replica = (await Until(spec.Id, pool => pool.Ready == 1)).Replicas[0].Id;
        await Work(spec.Id, replica, 64 << 20);

        await RunOutOfMemory(spec.Id, replica);
        await Until(Kills, kills => kills == 1);
        await RunOutOfMemory(spec.Id, replica);
        await Until(Kills, kills => kills == 2);
        await Until(spec.Id, pool => pool is { Restarts: 2, Ready: 1 });

        async Task<int?> Kills() => (await Engine.Usage([spec.Id], default)).SingleOrDefault()?.OutOfMemoryKills;
    }
}
