using Fury.Compute.Contracts;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Xunit.Abstractions;

namespace Fury.Mesh.Tests;

/// <summary>One seed, one world: publications, pools that come and go, and proxies that read when they like, on two hosts.</summary>
public sealed class RandomWorldTests(ITestOutputHelper output) : MeshTest
{
    private const int Steps = 250;

    [Theory]
    [InlineData(1)]
    [InlineData(20261121)]
    public async Task Proxies_end_with_exactly_the_snapshot_and_no_version_breaks_the_rules(int seed)
    {
        output.WriteLine($"seed {seed}");
        var world = new World(Mesh, Another(), new Random(seed));
        await world.Connect();
        for (var step = 0; step < Steps; step++)
        {
            await world.Step();
        }

        await world.CheckTheEnd();
    }

    private sealed class World(MeshHost here, MeshHost there, Random random)
    {
        private static readonly ScopeRef[] Scopes = [MeshHost.Scope("a"), MeshHost.Scope("b"), MeshHost.Scope("c")];

        private readonly Dictionary<PoolId, PoolState> _pools = [];
        private readonly Dictionary<ScopeRef, RoutingTable> _tables = [];
        private readonly List<TestProxy> _proxies = [];
        private long _last;

        public async Task Connect()
        {
            foreach (var host in new[] { here, here, there })
            {
                _proxies.Add(await host.Proxy($"proxy-{_proxies.Count}").Connect());
            }
        }

        public Task Step() => random.Next(10) switch
        {
            < 4 => ChangePool(),
            < 8 => Publish(),
            _ => LetAProxyRead(),
        };

        public async Task CheckTheEnd()
        {
            await there.Feed.Refresh(default);
            await here.Feed.Refresh(default);
            Assert.Equal(here.Feed.Revision, there.Feed.Revision);
            foreach (var proxy in _proxies)
            {
                await proxy.ReadTo(here.Feed.Revision);
                await proxy.Acknowledge();
                Check(proxy);
            }

            await there.Record();
            Assert.True((await here.Tables.Converged(Scopes[0], _last, TimeSpan.FromSeconds(20), default)).Done);
            foreach (var proxy in _proxies)
            {
                await proxy.DisposeAsync();
            }
        }

        private async Task ChangePool()
        {
            var known = random.Next(3) == 0 || _pools.Count == 0 ? null : _pools.Values.ElementAt(random.Next(_pools.Count));
            var pool = known?.Id ?? MeshHost.Pool();
            var scope = known?.Spec.Release.Scope ?? Scopes[random.Next(Scopes.Length)];
            var phase = known?.Phase == PoolPhase.Retired || random.Next(8) == 0 ? PoolPhase.Retired : PoolPhase.Active;
            var ready = phase == PoolPhase.Active ? random.Next(4) : 0;
            var state = MeshHost.PoolState(pool, scope, ready, (known?.Revision ?? 0) + 1, phase);
            _pools[pool] = state;
            await Any().Tell(state);
            if (known is not null && random.Next(3) == 0)
            {
                // The same news again, late.
                await Any().Tell(known);
            }
        }

        private async Task Publish()
        {
            var scope = Scopes[random.Next(Scopes.Length)];
            var pools = _pools.Values.Where(pool => pool.Spec.Release.Scope == scope).OrderBy(_ => random.Next()).Take(random.Next(3)).ToList();
            var weight = random.Next(101);
            PoolWeight[] wanted = [.. pools.Select((pool, index) => new PoolWeight(pool.Id, Share(index, pools.Count, weight)))];

            var published = await Any().Tables.Publish(scope, wanted, 1, default);

            var allowed = wanted.All(entry => entry.Weight == 0 || _pools[entry.Pool].Ready > 0);
            var same = _tables.TryGetValue(scope, out var current) && current.Pools.SequenceEqual(wanted);
            Assert.Equal(allowed || same, published.IsOk);
            if (published.IsOk && !same)
            {
                Assert.True(published.Value.Version > _last);
                _tables[scope] = published.Value;
                _last = published.Value.Version;
            }
        }

        private async Task LetAProxyRead()
        {
            var proxy = _proxies[random.Next(_proxies.Count)];
            await there.Feed.Refresh(default);
            if (proxy.Version < there.Feed.Revision)
            {
                await proxy.Read();
            }
        }

        private void Check(TestProxy proxy)
        {
            Assert.Equal(proxy.Seen.Select(update => update.Version).Order(), proxy.Seen.Select(update => update.Version));
            Assert.Equal(proxy.Seen.Count, proxy.Seen.Select(update => update.Version).Distinct().Count());
            Assert.Equal(_tables.Keys.ToHashSet(), proxy.Routes.Keys.ToHashSet());
            foreach (var (scope, table) in _tables)
            {
                var routes = proxy.Routes[scope].Pools;
                Assert.Equal(table.Pools, routes.Select(pool => new PoolWeight(pool.Pool, pool.Weight)));
                Assert.All(routes, pool => Assert.Equal(_pools[pool.Pool].Ready, pool.Endpoints.Count));
            }
        }

        private MeshHost Any() => random.Next(2) == 0 ? here : there;

        private static int Share(int index, int count, int weight) => count == 1 ? 100 : index == 0 ? weight : 100 - weight;
    }
}
