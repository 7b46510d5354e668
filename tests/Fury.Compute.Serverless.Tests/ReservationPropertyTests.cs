using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Placement;
using Fury.Kernel;
using Fury.LittleMonster.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fury.Compute.Serverless.Tests;

/// <summary>
/// One seed = one world of clusters whose pods are bound, moved and ended at their own pace, and of an applier that loses its connection before
/// and after writes, is killed, and is followed by another. What must hold is asked after every step.
/// </summary>
public sealed class ReservationPropertyTests
{
    private const int Worlds = 60;
    private const int Steps = 120;
    private const int Clusters = 3;
    private const int Pools = 12;

    [Fact]
    public async Task Never_over_capacity_and_never_twice_whatever_dies_in_between()
    {
        for (var seed = 1; seed <= Worlds; seed++)
        {
            using var world = new World(seed);
            await world.Run();
        }
    }

    private sealed class World : IDisposable
    {
        private readonly int _seed;
        private readonly Random _random;
        private readonly TestClock _clock = new(Given.Now);
        private readonly InMemoryReservations _store = new();
        private readonly Cluster[] _clusters = [.. Enumerable.Range(0, Clusters).Select(number => Given.Cluster($"c{number}", zones: ["a", "b"]))];
        private readonly int[][] _slots;
        private readonly Dictionary<(int Cluster, PoolId Pool), int[]> _bound = [];
        private readonly Dictionary<PoolId, int> _wanted = [];
        private CancellationTokenSource _stop = new();
        private Applier _applier;
        private Task _running = Task.CompletedTask;
        private long _fence;
        private int _pools;

        public World(int seed)
        {
            _seed = seed;
            _random = new Random(seed);
            _slots = [.. _clusters.Select(_ => new[] { _random.Next(1, 12), _random.Next(1, 12) })];
            _store.Fail = () => _random.Next(12) switch { 0 => false, 1 => true, _ => null };
            _applier = null!;
        }

        public async Task Run()
        {
            await Restart();
            for (var step = 0; step < Steps; step++)
            {
                _clock.Advance(TimeSpan.FromSeconds(_random.Next(1, 40)));
                await (_random.Next(8) switch
                {
                    0 or 1 or 2 => Place(),
                    3 or 4 => Bind(),
                    5 => End(),
                    6 => See(_random.Next(Clusters)),
                    _ => _random.Next(4) == 0 ? Restart() : Task.CompletedTask,
                });
                await Check(step);
            }

            await Stop();
        }

        private async Task Place()
        {
            if (_wanted.Count < Pools)
            {
                _wanted[Given.Pool(++_pools)] = _random.Next(1, 7);
            }

            var (pool, wanted) = _wanted.ElementAt(_random.Next(_wanted.Count));

            // The asker never learns what came of the last time.
            var request = Given.Request(wanted) with { Pool = pool, Seed = (uint)_random.Next() };
            await new Placer(_applier, _clock).Place(request, default);
        }

        /// <summary>A cluster starts one of the replicas that it was told to.</summary>
        private async Task Bind()
        {
            var promises = (await _store.List(default)).Where(promise => promise.Outstanding > 0).ToList();
            if (promises.Count == 0)
            {
                return;
            }

            var promise = promises[_random.Next(promises.Count)];
            var cluster = Array.FindIndex(_clusters, one => one.Name == promise.Cluster);
            var zones = Bound(cluster, promise.Pool);
            if (zones.Sum() < promise.Replicas)
            {
                for (var zone = 0; zone < 2; zone++)
                {
                    if (zones[zone] < promise.Zones.GetValueOrDefault(_clusters[cluster].Zones[zone]))
                    {
                        zones[zone]++;
                        return;
                    }
                }
            }
        }

        /// <summary>A pool ends: its promises first, its replicas at once.</summary>
        private async Task End()
        {
            if (_wanted.Count == 0)
            {
                return;
            }

            var pool = _wanted.Keys.ElementAt(_random.Next(_wanted.Count));
            if ((await _applier.Retire(pool, default)).IsOk)
            {
                _wanted.Remove(pool);
                foreach (var key in _bound.Keys.Where(key => key.Pool == pool).ToList())
                {
                    _bound.Remove(key);
                }

                for (var cluster = 0; cluster < Clusters; cluster++)
                {
                    await See(cluster);
                }
            }
        }

        private Task<Outcome<bool>> See(int cluster)
        {
            int[] free = [.. _slots[cluster].Select((slots, zone) => slots - Used(cluster, zone))];
            Bound[] bound =
            [
                .. from one in _bound
                   where one.Key.Cluster == cluster
                   from zone in new[] { 0, 1 }
                   where one.Value[zone] > 0
                   select new Bound(one.Key.Pool, zone, one.Value[zone]),
            ];
            return _applier.See(Given.Seen(_clusters[cluster], _clock.GetUtcNow(), free) with { Bound = bound }, default);
        }

        private async Task Restart()
        {
            await Stop();
            _stop = new();
            _applier = new(_store, _clock, NullLogger<Applier>.Instance);
            _running = _applier.Run(++_fence, _stop.Token);
            for (var cluster = 0; cluster < Clusters; cluster++)
            {
                await _applier.Put(_clusters[cluster], default);
                await _applier.Judge(_clusters[cluster].Name, HealthPhase.Healthy, default);
                await See(cluster);
            }
        }

        private async Task Stop()
        {
            await _stop.CancelAsync();
            await _running;
            _stop.Dispose();
        }

        public void Dispose() => _stop.Dispose();

        private async Task Check(int step)
        {
            var promises = await _store.List(default);
            for (var cluster = 0; cluster < Clusters; cluster++)
            {
                var outstanding = promises
                    .Where(promise => promise.Cluster == _clusters[cluster].Name)
                    .Sum(promise => Math.Max(0, promise.Replicas - Bound(cluster, promise.Pool).Sum()));
                var used = Used(cluster, 0) + Used(cluster, 1);
                Assert.True(
                    used + outstanding <= _slots[cluster].Sum(),
                    $"Seed {_seed}, step {step}: c{cluster} has {_slots[cluster].Sum()} places, {used} bound and {outstanding} promised.");
            }

            foreach (var (pool, wanted) in _wanted)
            {
                var all = Enumerable.Range(0, Clusters).Sum(cluster => Math.Max(
                    Bound(cluster, pool).Sum(),
                    promises.FirstOrDefault(promise => promise.Pool == pool && promise.Cluster == _clusters[cluster].Name)?.Replicas ?? 0));
                Assert.True(all <= wanted, $"Seed {_seed}, step {step}: {wanted} were wanted and {all} are promised or bound.");
            }
        }

        private int Used(int cluster, int zone) => _bound.Where(one => one.Key.Cluster == cluster).Sum(one => one.Value[zone]);

        private int[] Bound(int cluster, PoolId pool)
        {
            if (!_bound.TryGetValue((cluster, pool), out var zones))
            {
                _bound[(cluster, pool)] = zones = new int[2];
            }

            return zones;
        }
    }
}
