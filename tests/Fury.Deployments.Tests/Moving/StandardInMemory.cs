using Fury.Compute.Contracts;
using Fury.Compute.Standard.Health;
using Fury.Compute.Standard.Placing;
using Fury.Compute.Standard.Pools;
using Fury.Kernel;
using Fury.LittleMonster.Testing;
using Fury.Providers.Contracts;
using Place = Fury.Compute.Standard.Placing.Place;
using PoolPlan = Fury.Compute.Standard.Pools.PoolPlan;

namespace Fury.Deployments.Tests.Moving;

/// <summary>
/// The Standard engine as its pure cores decide, over two clouds in memory that refuse lots, give parts of them, boot late and never. What its sagas and
/// watches do is done here at the moment that the clouds say.
/// </summary>
internal sealed class StandardInMemory(TestClock clock, Random chance) : IComputeEngine
{
    /// <summary>One that is not healthy by then is given up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan OutageMax = TimeSpan.FromMinutes(2);

    private readonly Dictionary<PoolId, Pool> _pools = [];
    private readonly Dictionary<Guid, DateTimeOffset> _answers = [];
    private readonly Dictionary<InstanceId, DateTimeOffset> _healthy = [];
    private readonly Dictionary<InstanceId, DateTimeOffset> _gone = [];
    private readonly Dictionary<Place, DateTimeOffset> _outages = [];

    public ComputeKind Kind => ComputeKind.Standard;

    public IReadOnlyCollection<Pool> Pools => _pools.Values;

    /// <summary>Part of the lots that are refused, and of the instances that never get healthy.</summary>
    public double Trouble { get; init; }

    public int Refused { get; private set; }

    public int GivenUp { get; private set; }

    public static Location At(string provider, string region) => new(provider, region, "instances");

    public int Ready(PoolId pool) => _pools.TryGetValue(pool, out var known) ? known.ToState().Ready : 0;

    /// <summary>A pool that has stood for long.</summary>
    public void Stand(PoolSpec spec)
    {
        var pool = Pool.New(spec);
        foreach (var cell in Cells(spec.Location).Take(spec.Replicas).Concat(Cells(spec.Location)).Take(spec.Replicas))
        {
            var id = InstanceId.New(clock);
            pool = pool with { Instances = [.. pool.Instances, Changes.NewInstance(id, Guid.CreateVersion7(), cell.Place, 0, clock.GetUtcNow())] };
            pool = Healthy(pool, id);
        }

        _pools[spec.Id] = pool;
    }

    /// <summary>It dies, and is seen to have died.</summary>
    public void Kill(PoolId pool)
    {
        var ready = _pools[pool].Instances.Where(instance => instance.Phase == ReplicaPhase.Ready).ToList();
        _pools[pool] = Changes.Gone(_pools[pool], ready[chance.Next(ready.Count)].Id);
    }

    /// <summary>What has become of everything by now.</summary>
    public void Tick()
    {
        var now = clock.GetUtcNow();
        foreach (var over in _outages.Where(outage => outage.Value <= now).ToList())
        {
            _outages.Remove(over.Key);
        }

        foreach (var id in _pools.Keys.ToList())
        {
            _pools[id] = Reconciled(Lived(Answered(_pools[id], now), now), now);
        }
    }

    public Task<IReadOnlyList<Location>> Locations(CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<Location>>([At("aws", "us-east-1"), At("gcp", "europe-west1")]);

    public Task<Outcome<PoolState>> Ensure(PoolSpec pool, CancellationToken cancellation) =>
        Change(pool.Id, Wishes.Check(pool) is { } bad ? bad : Wishes.Ensure(_pools.GetValueOrDefault(pool.Id), pool));

    public Task<Outcome<PoolState>> SetFloor(PoolId pool, int floor, CancellationToken cancellation) =>
        Change(pool, Wishes.SetFloor(_pools.GetValueOrDefault(pool), pool, floor));

    public Task<Outcome<PoolState>> Retire(PoolId pool, CancellationToken cancellation) =>
        Change(pool, Wishes.Retire(_pools.GetValueOrDefault(pool), pool, clock.GetUtcNow()));

    public Task<Outcome<PoolState>> Replace(PoolId pool, InstanceId replica, CancellationToken cancellation) =>
        Change(pool, Wishes.Replace(_pools.GetValueOrDefault(pool), pool, replica, clock.GetUtcNow()));

    public Task<Outcome<PoolState>> Describe(PoolId pool, CancellationToken cancellation) =>
        Task.FromResult<Outcome<PoolState>>(_pools.TryGetValue(pool, out var known) ? known.ToState() : Fault.NotFound("pool", pool));

    public Task<IReadOnlyList<PoolState>> Describe(IReadOnlyCollection<PoolId> pools, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<PoolState>>([.. pools.Where(_pools.ContainsKey).Select(pool => _pools[pool].ToState())]);

    public Task<IReadOnlyList<ReplicaUsage>> Usage(IReadOnlyCollection<PoolId> pools, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<ReplicaUsage>>([]);

    public Task<IReadOnlyList<PoolState>> List(ScopeRef scope, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<PoolState>>([.. _pools.Values.Where(pool => pool.Phase != PoolPhase.Retired).Select(pool => pool.ToState())]);

    public IAsyncEnumerable<LogLine> Logs(PoolId pool, int tail, bool follow, CancellationToken cancellation) => AsyncEnumerable.Empty<LogLine>();

    private static List<Cell> Cells(Location location) =>
        [.. "abc".Select(zone => new Cell(new(location.Provider, location.Region, $"{location.Region}{zone}", "large", Market.OnDemand), 1, 1000, 100))];

    private Task<Outcome<PoolState>> Change(PoolId id, Outcome<Pool> changed) => Task.FromResult(changed.Then<PoolState>(pool =>
    {
        _pools[id] = pool;
        return pool.ToState();
    }));

    private static Pool Healthy(Pool pool, InstanceId id) =>
        Changes.Seen(pool, id, HealthState.Of(pool.Find(id)!).Seen(new($"{id}", "", ProviderInstanceState.Running, "10.0.0.1", 8080, 0, null,
            new Dictionary<string, string>())).Checked(null));

    /// <summary>Clouds answer after a while: nothing, a part, or all of a lot.</summary>
    private Pool Answered(Pool pool, DateTimeOffset now)
    {
        foreach (var lot in pool.Instances.Where(one => one.ProviderId is null && _answers.GetValueOrDefault(one.Lot, now.AddDays(1)) <= now)
            .GroupBy(one => one.Lot).ToList())
        {
            _answers.Remove(lot.Key);
            var given = chance.NextDouble() < Trouble ? chance.Next(lot.Count()) : lot.Count();
            if (given < lot.Count())
            {
                Refused++;
                _outages[lot.First().Place] = now + (OutageMax * chance.NextDouble());
                pool = Changes.Troubled(pool, new(FaultKind.Exhausted, "There is no room."));
            }

            pool = Changes.Given(pool, lot.Key, [.. lot.Take(given).Select(one => new ProviderInstance(
                $"{one.Place.Region}/{one.Id}", "", ProviderInstanceState.Pending, null, 8080, 0, null, new Dictionary<string, string>()))]);
            foreach (var one in pool.Lot(lot.Key))
            {
                _healthy[one.Id] = chance.NextDouble() < Trouble ? DateTimeOffset.MaxValue : now + TimeSpan.FromSeconds(chance.Next(1, 60));
            }
        }

        return pool;
    }

    /// <summary>Instances get healthy, are given up, and go.</summary>
    private Pool Lived(Pool pool, DateTimeOffset now)
    {
        foreach (var instance in pool.Instances.ToList())
        {
            if (!instance.IsLive)
            {
                _gone.TryAdd(instance.Id, now + TimeSpan.FromSeconds(chance.Next(1, 30)));
                pool = instance.Terminating && _gone[instance.Id] <= now ? Changes.Gone(pool, instance.Id) : pool;
            }
            else if (_healthy.TryGetValue(instance.Id, out var at) && at <= now && !instance.WasReady)
            {
                pool = Healthy(pool, instance.Id);
            }
            else if (!instance.WasReady && now - instance.CreatedAt > Patience)
            {
                GivenUp++;
                pool = Changes.LaunchFailed(pool, Fault.Unavailable("It was not healthy in time."), now).With(Changes.Stop(instance, now));
            }
        }

        return pool;
    }

    private Pool Reconciled(Pool pool, DateTimeOffset now)
    {
        var moves = PoolPlan.Decide(pool, now);
        foreach (var id in moves.Terminate)
        {
            pool = pool.With(Changes.Stop(pool.Find(id)!, now) with { Terminating = true });
        }

        if (moves.Launch == 0)
        {
            return pool;
        }

        var kept = pool.Instances.Where(instance => instance.IsKept).Select(instance => instance.Place).ToList();
        var lots = Placement.Decide(moves.Launch, pool.Spec.Spot, kept, Cells(pool.Spec.Location), _outages.Keys.ToHashSet());
        if (!lots.IsOk)
        {
            return Changes.LaunchFailed(pool, lots.Fault, now);
        }

        foreach (var (place, count) in lots.Value)
        {
            var lot = Guid.CreateVersion7(now);
            _answers[lot] = now + TimeSpan.FromSeconds(chance.Next(1, 10));
            pool = pool with
            {
                Instances = [.. pool.Instances, .. Enumerable.Range(0, count).Select(_ => Changes.NewInstance(InstanceId.New(clock), lot, place, 0, now))],
            };
        }

        return pool;
    }
}
