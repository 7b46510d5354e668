using Fury.Compute.Serverless.Placement;
using Fury.Kernel;
using Fury.Testing;

namespace Fury.Compute.Serverless.Tests;

/// <summary>The table of promises.</summary>
public sealed class ReservationStoreTests(TestDatabase<ServerlessModule> database) : IClassFixture<TestDatabase<ServerlessModule>>
{
    private static int _pools = 1000;

    private ReservationStore Store => new(database.Database);

    [Fact]
    public async Task A_promise_comes_back_as_it_was_written_and_the_same_again_is_the_same()
    {
        var promise = Promise();
        var changes = new ReservationChanges();
        changes.Keep(promise);

        Assert.True((await Store.Write(Fence, changes, default)).IsOk);
        Assert.True((await Store.Write(Fence, changes, default)).IsOk);

        var read = (await Store.List(default)).Single(one => one.Pool == promise.Pool);
        Assert.Equal(promise with { Zones = read.Zones }, read);
        Assert.Equal(promise.Zones.OrderBy(zone => zone.Key), read.Zones.OrderBy(zone => zone.Key));
    }

    [Fact]
    public async Task What_is_written_together_is_written_whole_or_not_at_all()
    {
        var (good, bad) = (Promise(), Promise() with { Size = new(0, 1) });
        var changes = new ReservationChanges();
        changes.Keep(good);
        changes.Keep(bad);

        await Assert.ThrowsAnyAsync<Exception>(() => Store.Write(Fence, changes, default));

        Assert.DoesNotContain(await Store.List(default), one => one.Pool == good.Pool);
    }

    [Fact]
    public async Task A_promise_that_is_dropped_is_gone_and_others_stay()
    {
        var (one, other) = (Promise(), Promise());
        var changes = new ReservationChanges();
        changes.Keep(one);
        changes.Keep(other);
        await Store.Write(Fence, changes, default);

        var drop = new ReservationChanges();
        drop.Drop(one.Pool, one.Cluster);
        await Store.Write(Fence, drop, default);

        Assert.Equal([other.Pool], (await Store.List(default)).Select(promise => promise.Pool).Intersect([one.Pool, other.Pool]));
    }

    [Fact]
    public async Task A_decision_comes_back_with_all_that_led_to_it_until_its_pool_is_retired()
    {
        var request = Given.Request(3) with { Pool = Given.Pool(Interlocked.Increment(ref _pools)) };
        var decision = Fleet.Empty.With(Given.Cluster("one"), 2).With(Given.Cluster("two") with { Taints = ["spot"] }, 10).Plan(request);
        var changes = new ReservationChanges();
        changes.Decide(decision);
        await Store.Write(Fence, changes, default);

        var read = await Store.FindDecision(request.Pool, default);
        Assert.Equal(decision.Explain(), read?.Explain());
        Assert.Equal(decision.Best, read!.Best);
        Assert.Equal(decision.Filtered, read.Filtered);

        var retire = new ReservationChanges();
        retire.Retire(request.Pool);
        await Store.Write(Fence, retire, default);
        Assert.Null(await Store.FindDecision(request.Pool, default));
    }

    [Fact]
    public async Task A_lower_fence_writes_nothing_and_takes_nothing_over()
    {
        await using var other = await OwnDatabase();
        var store = new ReservationStore(other.Database);
        Assert.True((await store.TakeOver(7, default)).IsOk);
        var changes = new ReservationChanges();
        changes.Keep(Promise());

        Assert.Equal(FaultKind.Stale, (await store.Write(6, changes, default)).Fault?.Kind);
        Assert.Equal(FaultKind.Stale, (await store.TakeOver(6, default)).Fault?.Kind);
        Assert.Empty(await store.List(default));
        Assert.True((await store.Write(7, changes, default)).IsOk);
    }

    /// <summary>All tests of this class write under one.</summary>
    private const long Fence = 1;

    private static async Task<Own> OwnDatabase()
    {
        var own = new TestDatabase<ServerlessModule>();
        await own.InitializeAsync();
        return new(own);
    }

    private static Reservation Promise() => new(
        Given.Pool(Interlocked.Increment(ref _pools)),
        "one",
        Given.Small,
        new Dictionary<string, int> { ["a"] = 2, ["b"] = 1 },
        1,
        Given.Now,
        Given.Now + Reservation.TimeToLive);

    private sealed class Own(TestDatabase<ServerlessModule> inner) : IAsyncDisposable
    {
        public Hosting.IDatabase Database => inner.Database;

        public async ValueTask DisposeAsync() => await inner.DisposeAsync();
    }
}
