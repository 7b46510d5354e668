using Fury.Catalog.Contracts;
using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Driving;
using Fury.Deployments.Scaling;
using Fury.Kernel;
using Fury.LittleMonster.Testing;
using Fury.Mesh.Contracts;
using Fury.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fury.Deployments.Tests.Scaling;

/// <summary>Pools follow their floors, fall asleep and wake, on a real database, with time as the tests say.</summary>
public sealed class ScalerTests : IClassFixture<House>
{
    private readonly House _house;
    private readonly TestClock _clock = new();
    private readonly World _world;

    public ScalerTests(House house)
    {
        _house = house;
        _world = new(house.Catalog, [house.Engine], house.Tables, house.Store, new NoVerdicts(), new NoGates(), _clock);
        Scaler = NewScaler();
    }

    private Scaler Scaler { get; set; }

    private ScalingStore Store => _house.Get<ScalingStore>();

    [Fact]
    public async Task The_floor_follows_schedule_and_demand_at_once_and_comes_down_after_the_window()
    {
        var (scope, pool) = await Served(new([new("0 0 * * *", "UTC", 1), new("30 12 * * *", "UTC", 3)], InFlightPerReplica: 10));
        await Pass();
        Assert.Equal((1, 1), await Size(pool));

        _clock.Advance(TimeSpan.FromMinutes(30));
        await Pass();
        Assert.Equal((3, 3), await Size(pool));

        InFlight(pool, 75);
        await Pass();
        Assert.Equal((8, 8), await Size(pool));
        InFlight(pool, 5_000);
        await Pass();
        Assert.Equal((10, 10), await Size(pool));

        InFlight(pool, 0);
        await Pass();
        _clock.Advance(Demand.Window - TimeSpan.FromSeconds(1));
        await Pass();
        Assert.Equal((10, 10), await Size(pool));
        _clock.Advance(TimeSpan.FromSeconds(2));
        await Pass();
        Assert.Equal((3, 3), await Size(pool));
        Assert.DoesNotContain(scope, _house.Tables.Held);
    }

    [Fact]
    public async Task A_host_that_begins_anew_takes_the_size_that_it_finds_for_a_peak_of_just_now()
    {
        var (_, pool) = await Served(new([], InFlightPerReplica: 10));
        InFlight(pool, 60);
        await Pass();
        InFlight(pool, 0);
        Scaler = NewScaler();

        await Pass();
        Assert.Equal((6, 6), await Size(pool));
        _clock.Advance(Demand.Window);
        await Pass();
        Assert.Equal((1, 1), await Size(pool));
    }

    [Fact]
    public async Task A_quiet_scope_sleeps_says_so_and_wakes_when_requests_wait()
    {
        var (scope, pool) = await Served(new([], SleepAfterSeconds: 60));
        await Pass();
        Assert.Contains(scope, _house.Tables.Held);
        _clock.Advance(TimeSpan.FromSeconds(59));
        await Pass();
        Assert.Equal((1, 1), await Size(pool));

        _clock.Advance(TimeSpan.FromSeconds(1));
        await Pass();
        Assert.Equal((0, 0), await Size(pool));
        Assert.Equal(_clock.GetUtcNow(), (await _house.Deployments.Status(scope, default)).Value.AsleepSince);

        var waker = new Waker(_house.Catalog, _world, Store, NullLogger<Waker>.Instance);
        await waker.Handle(new(scope, pool), default);
        await waker.Handle(new(scope, pool), default);
        Assert.Equal((1, 1), await Size(pool));
        Assert.Null((await _house.Deployments.Status(scope, default)).Value.AsleepSince);

        // It is not put to sleep again while somebody waits for it, and not before it was quiet for as long once more.
        InFlight(pool, 1);
        _clock.Advance(TimeSpan.FromMinutes(5));
        await Pass();
        Assert.Equal((1, 1), await Size(pool));
        InFlight(pool, 0, requests: 1);
        await Pass();
        _clock.Advance(TimeSpan.FromSeconds(59));
        await Pass();
        Assert.Equal((1, 1), await Size(pool));
    }

    [Fact]
    public async Task Nothing_sleeps_before_every_proxy_that_uses_it_holds_its_requests()
    {
        var (scope, pool) = await Served(new([], SleepAfterSeconds: 60));
        _house.Tables.AutoApply = false;
        _house.Tables.Connect("slow");
        try
        {
            await Pass();
            _clock.Advance(TimeSpan.FromMinutes(2));
            await Pass();
            Assert.Equal((1, 1), await Size(pool));

            _house.Tables.Apply("slow", long.MaxValue);
            await Pass();
            Assert.Equal((0, 0), await Size(pool));
        }
        finally
        {
            _house.Tables.Disconnect("slow");
            _house.Tables.AutoApply = true;
        }

        Assert.Contains(scope, _house.Tables.Held);
    }

    [Fact]
    public async Task A_setting_that_is_taken_off_wakes_the_scope_and_leaves_nothing_behind()
    {
        var (scope, pool) = await Asleep();

        _house.Catalog.Scale(scope, null);
        await Pass();
        Assert.Equal((1, 1), await Size(pool));
        await Pass();
        await Pass();

        Assert.DoesNotContain(scope, _house.Tables.Held);
        Assert.Equal((false, null), (await Store.Find(scope, default)) is { } left ? (left.IsNoted, left.AsleepSince) : default);
    }

    [Fact]
    public async Task A_deployment_onto_a_sleeping_scope_ends_done_and_what_it_ends_with_is_awake()
    {
        await _house.Started();
        var (scope, pool) = await Asleep();

        var ended = await _house.Ended((await _house.Deploy(scope, "1.1.0")).Id);

        Assert.Equal(DeploymentPhase.Done, ended.Phase);
        Assert.Equal((1, 1), await Size(ended.CandidatePool));
        Assert.Equal(PoolPhase.Retired, (await _house.Engine.Describe(pool, default)).Value.Phase);
        Assert.Null((await Store.Find(scope, default))?.AsleepSince);
    }

    [Fact]
    public async Task A_candidate_opens_at_the_floor_of_now()
    {
        await _house.Started();
        var (scope, _) = await Served(new([new("0 0 1 1 *", "UTC", 4)]));

        var ended = await _house.Ended((await _house.Deploy(scope, "1.1.0")).Id);

        Assert.Equal(DeploymentPhase.Done, ended.Phase);
        Assert.Equal((4, 4), await Size(ended.CandidatePool));
    }

    [Fact]
    public async Task While_a_deployment_is_in_progress_its_driver_has_the_pools()
    {
        await _house.Started();
        var (scope, pool) = await Served(new([new("0 0 1 1 *", "UTC", 4)]));
        _house.Engine.NeverReady(FakeCatalog.IdOf(scope, "1.1.0"));
        var running = await _house.Deploy(scope, "1.1.0");
        await _house.In(running.Id, DeploymentPhase.Provisioning);
        var before = await Size(pool);

        await Pass();

        Assert.Equal(before, await Size(pool));
        await _house.Deployments.Do(running.Id, Command.Abort, null, null, default);
        Assert.Equal(DeploymentPhase.Aborted, (await _house.Ended(running.Id)).Phase);
        await Pass();
        Assert.Equal((4, 4), await Size(pool));
    }

    [Fact]
    public async Task A_scope_without_scaling_is_not_looked_at_and_a_pass_without_news_asks_nothing_of_the_engine()
    {
        var (_, plain) = await Served(null);
        var (scope, pool) = await Served(new([], InFlightPerReplica: 10));
        await Pass();
        var news = _house.Engine.News.Count(one => one.Pool.Id == plain || one.Pool.Id == pool);

        for (var pass = 0; pass < 10; pass++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Pass();
        }

        Assert.Equal(news, _house.Engine.News.Count(one => one.Pool.Id == plain || one.Pool.Id == pool));
        Assert.NotNull(await Store.Find(scope, default));
    }

    [Fact]
    public async Task An_engine_with_an_autoscaler_is_told_floors_and_never_how_many_replicas_there_are()
    {
        var engine = new FakeComputeEngine(ComputeKind.Serverless);
        var (_, pool) = await Served(null);
        var spec = (await _house.Engine.Describe(pool, default)).Value.Spec with { Replicas = 6, Location = engine.Places[0] };
        await engine.Ensure(spec, default);

        await Sizes.Reach(engine, pool, new(8, Sleeps: false), null, default);
        Assert.Equal((8, 8), SizeOf((await engine.Describe(pool, default)).Value));
        var lowered = await Sizes.Reach(engine, pool, new(2, Sleeps: false), null, default);
        Assert.Equal((8, 2), SizeOf(lowered.Value));
        Assert.Equal((0, 0), SizeOf((await Sizes.Reach(engine, pool, new(0, Sleeps: true), null, default)).Value));
        Assert.Equal((3, 3), SizeOf((await Sizes.Reach(engine, pool, new(3, Sleeps: false), null, default)).Value));
    }

    [Fact]
    public async Task A_pool_that_scales_itself_is_told_its_policy_and_floors_and_a_policy_that_is_taken_off_leaves_it_at_its_floor()
    {
        var scaling = new ScalingPolicy([]) { Autoscale = new([new("cpu", 60)], []), Spot = new(50, 1) };
        var (_, pool) = await Served(null);
        var engine = _house.Engine;

        var scaled = await Sizes.Reach(engine, pool, new(3, Sleeps: false), scaling, default);
        var asked = engine.News.Count;
        await Sizes.Reach(engine, pool, new(3, Sleeps: false), scaling, default);
        Assert.Equal((scaling.Autoscale, scaling.Spot), (scaled.Value.Spec.Autoscale, scaled.Value.Spec.Spot));
        Assert.Equal(asked, engine.News.Count);

        var lowered = await Sizes.Reach(engine, pool, new(2, Sleeps: false), scaling, default);
        var plain = await Sizes.Reach(engine, pool, new(2, Sleeps: false), null, default);
        Assert.Equal((3, 2), SizeOf(lowered.Value));
        Assert.Equal((2, 2, null), (plain.Value.Spec.Replicas, plain.Value.Spec.Floor, plain.Value.Spec.Autoscale));
    }

    private static (int Replicas, int Floor) SizeOf(PoolState pool) => (pool.Spec.Replicas, pool.Spec.Floor);

    private Scaler NewScaler() => new(_house.Catalog, _world, Store, _clock, NullLogger<Scaler>.Instance);

    private Task Pass() => Scaler.Pass(_house.ScalerLease.Token, default);

    private async Task<(int Replicas, int Floor)> Size(PoolId pool) => SizeOf((await _house.Engine.Describe(pool, default)).Value);

    private void InFlight(PoolId pool, int inFlight, long requests = 0) =>
        _house.Tables.Report("one", PoolTraffic.None(pool) with { InFlight = inFlight, Requests = requests });

    /// <summary>A scope that runs one replica of 1.0.0, and whose maximum is 10.</summary>
    private async Task<(ScopeRef Scope, PoolId Pool)> Served(ScalingPolicy? scaling)
    {
        await _house.Started();
        var scope = _house.NewScope();
        var first = await _house.Ended((await _house.Deploy(scope, "1.0.0")).Id);
        Assert.Equal(DeploymentPhase.Done, first.Phase);
        _house.Catalog.Scale(scope, scaling);
        return (scope, first.CandidatePool);
    }

    private async Task<(ScopeRef Scope, PoolId Pool)> Asleep()
    {
        var (scope, pool) = await Served(new([], SleepAfterSeconds: 60));
        await Pass();
        _clock.Advance(TimeSpan.FromSeconds(60));
        await Pass();
        Assert.Equal((0, 0), await Size(pool));
        return (scope, pool);
    }
}
