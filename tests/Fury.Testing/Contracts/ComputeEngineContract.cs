using System.Diagnostics;
using Fury.Compute.Contracts;
using Fury.Kernel;
using Xunit;

namespace Fury.Testing;

/// <summary>What every engine keeps. A subclass gives the engine, a release that gets ready and one that cannot be started.</summary>
public abstract partial class ComputeEngineContract
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    protected abstract IComputeEngine Engine { get; }

    /// <summary>A location that the engine has.</summary>
    protected abstract Location Location { get; }

    /// <summary>A release of this scope whose replicas get ready by themselves; another number, another release.</summary>
    protected abstract ReleaseSpec GoodRelease(ScopeRef scope, int number);

    /// <summary>A release that cannot be started.</summary>
    protected abstract ReleaseSpec BadRelease(ScopeRef scope);

    /// <summary>What the engine has told so far of this pool, in the order it was told.</summary>
    protected abstract IReadOnlyList<PoolState> Told(PoolId pool);

    /// <summary>The replica is seen to use CPU from now on, or to have used some more, and to hold so much memory.</summary>
    protected abstract Task Work(PoolId pool, InstanceId replica, long memoryBytes);

    /// <summary>The replica's process is ended for want of memory, and is started again.</summary>
    protected abstract Task RunOutOfMemory(PoolId pool, InstanceId replica);

    [Fact]
    public async Task A_pool_gets_as_many_ready_replicas_as_were_asked_for_each_at_its_own_address()
    {
        var spec = Pool(replicas: 2);

        var asked = await Engine.Ensure(spec, default);
        var ready = await Until(spec.Id, pool => pool.Ready == 2);

        Assert.True(asked.IsOk, asked.Fault?.ToString());
        Assert.Equal(PoolPhase.Active, ready.Phase);
        Assert.Null(ready.Problem);
        Assert.Equal(2, ready.Replicas.Select(replica => replica.Address).Distinct().Count());
        Assert.All(ready.Replicas, replica => Assert.Null(replica.Reason));
        Assert.All(ready.Replicas, replica => Assert.True(replica.Port > 0));
    }

    [Fact]
    public async Task Asking_twice_for_the_same_pool_changes_nothing()
    {
        var spec = Pool();
        await Engine.Ensure(spec, default);
        await Until(spec.Id, pool => pool.Ready == 1);

        // The launch may still have something of its own to record; an engine that answers each question with a change never holds still.
        await Eventually.True(async () =>
        {
            var before = (await Engine.Describe(spec.Id, default)).Value;
            var again = (await Engine.Ensure(spec, default)).Value;
            return before.Revision == again.Revision && before.Replicas.SequenceEqual(again.Replicas);
        });
    }

    [Fact]
    public async Task Asking_at_the_same_time_makes_one_pool()
    {
        var spec = Pool(replicas: 2);

        var asked = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Engine.Ensure(spec, default))));
        var ready = await Until(spec.Id, pool => pool.Ready == 2);

        Assert.All(asked, outcome => Assert.True(outcome.IsOk, outcome.Fault?.ToString()));
        Assert.Equal(2, ready.Replicas.Count);
        Assert.Single(await Engine.List(spec.Release.Scope, default));
    }

    [Fact]
    public async Task Another_number_of_replicas_moves_an_active_pool_there()
    {
        var spec = Pool();
        await Engine.Ensure(spec, default);
        var first = (await Until(spec.Id, pool => pool.Ready == 1)).Replicas[0].Id;

        await Engine.Ensure(spec with { Replicas = 3 }, default);
        var grown = await Until(spec.Id, pool => pool.Ready == 3);
        await Engine.Ensure(spec, default);
        var shrunk = await Until(spec.Id, pool => pool is { Ready: 1, Replicas.Count: 1 });

        Assert.Contains(grown.Replicas, replica => replica.Id == first);
        Assert.Contains(shrunk.Replicas, replica => grown.Replicas.Any(before => before.Id == replica.Id));
    }

    [Fact]
    public async Task A_pool_may_run_nothing_and_gets_replicas_again_by_its_floor()
    {
        var spec = Pool(2) with { Floor = 1 };
        await Engine.Ensure(spec, default);
        await Until(spec.Id, pool => pool.Ready == 2);

        await Engine.Ensure(spec with { Replicas = 0, Floor = 0 }, default);
        var asleep = await Until(spec.Id, pool => pool.Replicas.Count == 0);
        await Engine.SetFloor(spec.Id, 1, default);
        var awake = await Until(spec.Id, pool => pool.Ready == 1);

        Assert.Equal((PoolPhase.Active, null), (asleep.Phase, asleep.Problem));
        Assert.Equal((PoolPhase.Active, 1, 1), (awake.Phase, awake.Spec.Replicas, awake.Spec.Floor));
    }

    [Fact]
    public async Task A_known_pool_is_never_used_for_another_release_or_location()
    {
        var spec = Pool();
        await Engine.Ensure(spec, default);

        var release = await Engine.Ensure(spec with { Release = GoodRelease(spec.Release.Scope, 2) }, default);
        var location = await Engine.Ensure(spec with { Location = Location with { Group = "elsewhere" } }, default);

        Assert.Equal(FaultKind.Conflict, release.Fault?.Kind);
        Assert.NotNull(location.Fault);
    }

    [Fact]
    public async Task Numbers_out_of_bounds_are_refused_by_name_and_leave_nothing_behind()
    {
        var spec = Pool() with { Replicas = -1, Floor = 7, Ceiling = 3 };

        var refused = await Engine.Ensure(spec, default);

        Assert.Equal(FaultKind.Invalid, refused.Fault?.Kind);
        Assert.Equal(2, refused.Fault?.Fields.Count);
        Assert.Equal(FaultKind.NotFound, (await Engine.Describe(spec.Id, default)).Fault?.Kind);
    }

    [Fact]
    public async Task Raising_the_floor_grows_the_pool_and_lowering_it_does_not_shrink_it()
    {
        var spec = Pool();
        await Engine.Ensure(spec, default);

        await Engine.SetFloor(spec.Id, 2, default);
        await Until(spec.Id, pool => pool.Ready == 2);
        var lowered = await Engine.SetFloor(spec.Id, 1, default);
        var tooHigh = await Engine.SetFloor(spec.Id, spec.Ceiling + 1, default);

        Assert.Equal((1, 2), (lowered.Value.Spec.Floor, lowered.Value.Spec.Replicas));
        Assert.Equal(FaultKind.Invalid, tooHigh.Fault?.Kind);
        Assert.Equal(FaultKind.NotFound, (await Engine.SetFloor(PoolId.New(TimeProvider.System), 1, default)).Fault?.Kind);
    }

    [Fact]
    public async Task Retiring_makes_no_replica_ready_at_once_and_leaves_none_in_the_end()
    {
        var spec = Pool(replicas: 2);
        await Engine.Ensure(spec, default);
        await Until(spec.Id, pool => pool.Ready == 2);

        var retiring = await Engine.Retire(spec.Id, default);
        var retired = await Until(spec.Id, pool => pool.Phase == PoolPhase.Retired);
        var again = await Engine.Retire(spec.Id, default);

        Assert.Equal(0, retiring.Value.Ready);
        Assert.NotEqual(PoolPhase.Active, retiring.Value.Phase);
        Assert.Empty(retired.Replicas);
        Assert.Equal(retired.Revision, again.Value.Revision);
        Assert.Empty(await Engine.List(spec.Release.Scope, default));
    }

    [Fact]
    public async Task Retiring_while_replicas_start_leaves_none()
    {
        var spec = Pool(replicas: 3);
        await Engine.Ensure(spec, default);

        await Engine.Retire(spec.Id, default);
        var retired = await Until(spec.Id, pool => pool.Phase == PoolPhase.Retired);

        Assert.Empty(retired.Replicas);
    }

    [Fact]
    public async Task A_pool_that_was_retired_cannot_be_brought_back_to_life()
    {
        var known = Pool();
        var unknown = Pool();
        await Engine.Ensure(known, default);
        await Engine.Retire(known.Id, default);
        var tombstone = await Engine.Retire(unknown.Id, default);

        var late = await Engine.Ensure(unknown, default);
        var floor = await Engine.SetFloor(known.Id, 1, default);

        Assert.Equal(PoolPhase.Retired, tombstone.Value.Phase);
        Assert.Equal(FaultKind.Conflict, late.Fault?.Kind);
        Assert.Equal(FaultKind.Conflict, floor.Fault?.Kind);
        Assert.Equal(FaultKind.Conflict, (await Engine.Ensure(known, default)).Fault?.Kind);
        Assert.Equal(PoolPhase.Retired, (await Engine.Describe(unknown.Id, default)).Value.Phase);
    }

    [Fact]
    public async Task A_release_that_cannot_be_started_is_told_as_the_pools_problem()
    {
        var spec = Pool() with { Release = BadRelease(NewScope()) };
        await Engine.Ensure(spec, default);

        var pool = await Until(spec.Id, pool => pool.Problem is not null);
        await Engine.Retire(spec.Id, default);
        var retired = await Until(spec.Id, pool => pool.Phase == PoolPhase.Retired);

        Assert.Equal(0, pool.Ready);
        Assert.Equal(PoolPhase.Active, pool.Phase);
        Assert.Empty(retired.Replicas);
    }

    [Fact]
    public async Task Every_change_is_told_with_a_revision_that_grows()
    {
        var spec = Pool();
        await Engine.Ensure(spec, default);
        await Until(spec.Id, pool => pool.Ready == 1);
        await Engine.Retire(spec.Id, default);
        var last = await Until(spec.Id, pool => pool.Phase == PoolPhase.Retired);

        var told = await Until(() => Task.FromResult(Told(spec.Id)), told => told.Count > 0 && told[^1].Revision == last.Revision);

        Assert.Equal(told.Select(pool => pool.Revision).Distinct().Order(), told.Select(pool => pool.Revision).Distinct());
        Assert.Contains(told, pool => pool.Ready == 1);
        Assert.Contains(told, pool => pool is { Phase: PoolPhase.Retiring, Ready: 0 });
        Assert.Equal(PoolPhase.Retired, told[^1].Phase);
    }

    [Fact]
    public async Task A_scopes_pools_are_listed_oldest_first()
    {
        var first = Pool();
        var second = Pool() with { Release = GoodRelease(first.Release.Scope, 2) };
        await Engine.Ensure(first, default);
        await Engine.Ensure(second, default);

        var pools = await Engine.List(first.Release.Scope, default);

        Assert.Equal([first.Id, second.Id], pools.Select(pool => pool.Id));
        Assert.Equal(FaultKind.NotFound, (await Engine.Describe(PoolId.New(TimeProvider.System), default)).Fault?.Kind);
    }

    /// <summary>A wish for a pool of a new scope.</summary>
    protected PoolSpec Pool(int replicas = 1) =>
        new(PoolId.New(TimeProvider.System), GoodRelease(NewScope(), 1), Location, replicas, Floor: 0, Ceiling: 5);

    protected Task<PoolState> Until(PoolId pool, Func<PoolState, bool> right) =>
        Until(async () => (await Engine.Describe(pool, default)).Value, right);

    private static ScopeRef NewScope() => ScopeRef.Parse($"shop/test-{Guid.NewGuid():N}"[..40]);

    private static async Task<T> Until<T>(Func<Task<T>> look, Func<T, bool> right)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var seen = await look();
            if (right(seen))
            {
                return seen;
            }

            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"Still not so after {Patience}: {seen}");
            await Task.Delay(10);
        }
    }
}
