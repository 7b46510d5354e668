using Dapper;
using Fury.Compute.Contracts;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Testing;
using Xunit.Abstractions;

namespace Fury.Mesh.Tests;

/// <summary>
/// One seed, one world: publications, pools that come and go, and proxies that hold, refuse, break off and come back, on two hosts with real streams.
/// Whoever is told that a table has spread must find it acknowledged by every proxy that was there all the while.
/// </summary>
public sealed class RandomWorldTests(ITestOutputHelper output) : MeshTest
{
    private const int Steps = 120;

    [Theory]
    [InlineData(1)]
    [InlineData(20261126)]
    public async Task Nothing_has_spread_before_every_proxy_has_it_and_in_the_end_every_proxy_has_everything(int seed)
    {
        output.WriteLine($"seed {seed}");
        await using var world = new World(Mesh, await Another().Serve(), new Random(seed));
        await world.Connect();
        for (var step = 0; step < Steps; step++)
        {
            await world.Step();
        }

        await world.CheckTheEnd();
        output.WriteLine($"{world.Spread} of the tables that were asked for had spread.");
        Assert.True(world.Spread > 0);
    }

    private sealed class World(MeshHost here, MeshHost there, Random random) : IAsyncDisposable
    {
        private static readonly ScopeRef[] Scopes = [MeshHost.Scope("a"), MeshHost.Scope("b"), MeshHost.Scope("c")];
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

        private readonly Dictionary<PoolId, PoolState> _pools = [];
        private readonly List<RoutingTable> _tables = [];
        private readonly List<(TestProxy Proxy, ScopeRef[] Scopes)> _proxies = [];

        public int Spread { get; private set; }

        public async Task Connect()
        {
            foreach (var (number, host) in new[] { here, here, there, there }.Index())
            {
                var scopes = number % 2 == 0 ? Scopes : Scopes[..2];
                _proxies.Add((await host.Proxy($"proxy-{number}").Connect(scopes), scopes));
            }
        }

        public Task Step() => random.Next(14) switch
        {
            < 4 => ChangePool(),
            < 8 => Publish(Any(Scopes)),
            < 12 => Disturb(Any(_proxies)),
            _ => Ask(TimeSpan.FromMilliseconds(random.Next(50))),
        };

        public async Task CheckTheEnd()
        {
            foreach (var (proxy, scopes) in _proxies)
            {
                (proxy.Hold, proxy.Refuses) = (false, null);
                if (!proxy.IsConnected)
                {
                    await proxy.Connect(scopes);
                }
            }

            // What was refused is not sent again, so everybody needs something new.
            foreach (var scope in Scopes)
            {
                var (first, second) = (await NewPool(scope, 2), await NewPool(scope, 3));
                await Publish(scope, new PoolWeight(first, 30), new PoolWeight(second, 70));
                await there.Feed.Refresh(default);
                Assert.True(await Asked(scope, Patience), $"{scope} does not spread.");
            }

            var known = await Database();
            foreach (var (proxy, scopes) in _proxies)
            {
                foreach (var scope in scopes)
                {
                    var table = _tables.Last(table => table.Scope == scope);
                    Assert.Equal(table.Pools, proxy.Routes(scope));
                    foreach (var pool in table.Pools)
                    {
                        await Eventually.True(() => proxy.Endpoints(scope, pool.Pool) == known[pool.Pool.Value]);
                    }
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var (proxy, _) in _proxies)
            {
                await proxy.DisposeAsync();
            }
        }

        private async Task ChangePool()
        {
            if (_pools.Count == 0 || random.Next(3) == 0)
            {
                await NewPool(Any(Scopes), random.Next(4));
                return;
            }

            var known = _pools.Values.ElementAt(random.Next(_pools.Count));
            var phase = known.Phase == PoolPhase.Retired || random.Next(8) == 0 ? PoolPhase.Retired : PoolPhase.Active;
            await Tell(MeshHost.PoolState(
                known.Id, known.Spec.Release.Scope, phase == PoolPhase.Active ? random.Next(4) : 0, known.Revision + 1, phase));
            if (random.Next(3) == 0)
            {
                // The same news again, late.
                await AnyHost().Tell(known);
            }
        }

        private async Task<PoolId> NewPool(ScopeRef scope, int ready)
        {
            var pool = MeshHost.Pool();
            await Tell(MeshHost.PoolState(pool, scope, ready, revision: 1));
            return pool;
        }

        private async Task Tell(PoolState pool)
        {
            _pools[pool.Id] = pool;
            await AnyHost().Tell(pool);
        }

        private async Task Publish(ScopeRef scope)
        {
            var pools = _pools.Values.Where(pool => pool.Spec.Release.Scope == scope).OrderBy(_ => random.Next()).Take(random.Next(3)).ToList();
            var weight = random.Next(10_001) / 100m;
            await Publish(
                scope, [.. pools.Select((pool, index) => new PoolWeight(pool.Id, pools.Count == 1 ? 100 : index == 0 ? weight : 100 - weight))]);
        }

        private async Task Publish(ScopeRef scope, params PoolWeight[] wanted)
        {
            var published = await AnyHost().Tables.Publish(scope, wanted, 1, default);
            var current = _tables.LastOrDefault(table => table.Scope == scope);
            var isSame = current?.Pools.SequenceEqual(wanted) == true;
            Assert.Equal(isSame || wanted.All(entry => entry.Weight == 0 || _pools[entry.Pool].Ready > 0), published.IsOk);
            if (published.IsOk && !isSame)
            {
                Assert.True(published.Value.Version > (_tables.LastOrDefault()?.Version ?? 0));
                _tables.Add(published.Value);
            }

            if (random.Next(2) == 0)
            {
                await there.Feed.Refresh(default);
            }
        }

        private async Task Disturb((TestProxy Proxy, ScopeRef[] Scopes) one)
        {
            var (proxy, scopes) = one;
            switch (random.Next(5))
            {
                case 0:
                    proxy.Hold = !proxy.Hold;
                    break;
                case 1:
                    proxy.Refuses = proxy.Refuses is null && random.Next(2) == 0 ? "not now" : null;
                    break;
                case 2 when proxy.IsConnected:
                    await proxy.Break();
                    break;
                default:
                    if (!proxy.IsConnected)
                    {
                        await proxy.Connect(scopes);
                    }

                    break;
            }
        }

        /// <summary>Asks whether the last table of a scope has spread.</summary>
        private async Task Ask(TimeSpan patience)
        {
            if (_tables.Count > 0)
            {
                await there.Feed.Refresh(default);
                await Asked(Any(_tables).Scope, patience);
            }
        }

        private async Task<bool> Asked(ScopeRef scope, TimeSpan patience)
        {
            var table = _tables.Last(table => table.Scope == scope);
            if (!(await AnyHost().Tables.Converged(scope, table.Version, patience, default)).Done)
            {
                return false;
            }

            Spread++;
            foreach (var (proxy, scopes) in _proxies.Where(entry => entry.Proxy.IsConnected && entry.Scopes.Contains(scope)))
            {
                Assert.Equal(table.Pools, proxy.Acknowledged(scope));
            }

            return true;
        }

        private async Task<Dictionary<Guid, int>> Database()
        {
            await using var connection = await here.Database.Source.OpenConnectionAsync();
            return (await connection.QueryAsync<(Guid Id, int Ready)>("select id, jsonb_array_length(endpoints) from mesh.pool"))
                .ToDictionary(row => row.Id, row => row.Ready);
        }

        private MeshHost AnyHost() => random.Next(2) == 0 ? here : there;

        private T Any<T>(IReadOnlyList<T> things) => things[random.Next(things.Count)];
    }
}
