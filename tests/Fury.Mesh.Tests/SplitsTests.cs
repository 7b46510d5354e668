using System.Collections.Immutable;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Proxies;
using Fury.Mesh.Snapshots;
using Fury.Mesh.Xds;
using Fury.Testing;
using Fury.Xds;
using Xunit.Abstractions;

namespace Fury.Mesh.Tests;

/// <summary>Which scopes are split, whose an address is, and how counts of replicas are kept.</summary>
public sealed class SplitsTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1)]
    [InlineData(20261126)]
    public void After_any_history_the_split_scopes_and_their_pools_are_those_of_the_tables_with_two_pools_or_more(int seed)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var (state, tables) = (new MeshState(), new Dictionary<ScopeRef, List<PoolId>>());
        ScopeRef[] scopes = [.. Enumerable.Range(0, 5).Select(number => MeshHost.Scope($"s{number}"))];
        PoolId[] pools = [.. Enumerable.Range(0, 20).Select(_ => MeshHost.Pool())];
        for (var step = 1; step <= 2000; step++)
        {
            var at = random.Next(scopes.Length);
            tables[scopes[at]] = [.. pools[(4 * at)..(4 * at + 4)].Where(_ => random.Next(3) == 0)];
            var wanted = tables[scopes[at]].Select((pool, index) => new PoolWeight(pool, index == 0 ? 100 : 0)).ToList();
            var ready = random.Next(pools.Length);
            state.Apply(new(
                step, [new(scopes[at], wanted)], [new(pools[ready], scopes[ready / 4], "", Endpoints(random.Next(4)), random.Next(9) == 0)], [], []));

            var split = tables.Where(table => table.Value.Count > 1).ToList();
            var splits = state.Snapshot.Splits;
            Assert.Equal(split.Select(table => MeshNames.Of(table.Key)).Order(), splits.Scopes.Order());
            Assert.Equal(split.SelectMany(table => table.Value).OrderBy(pool => pool.Value), splits.Pools.Keys.OrderBy(pool => pool.Value));
            var asked = scopes.Where(_ => random.Next(3) == 0).Select(MeshNames.Of).ToImmutableHashSet(StringComparer.Ordinal);
            Assert.Equal(asked.Overlaps(splits.Scopes), splits.AnyOf(asked));
        }
    }

    [Fact]
    public void An_address_is_its_replicas_also_after_that_has_gone_until_another_has_it_or_too_many_have_gone()
    {
        var all = Endpoints(PoolAddresses.GoneMax + 2);
        var addresses = PoolAddresses.Of([all[0], all[1]], null);
        addresses = PoolAddresses.Of([all[1]], addresses);
        Assert.Equal((all[0].Replica, all[1].Replica), (Find(all[0]), Find(all[1])));
        Assert.Null(addresses.Find("127.9.0.1", 1));

        var heir = all[0] with { Replica = InstanceId.From(Guid.NewGuid()) };
        addresses = PoolAddresses.Of([heir], addresses);
        Assert.Equal((heir.Replica, all[1].Replica), (Find(all[0]), Find(all[1])));

        foreach (var next in all.Skip(2))
        {
            addresses = PoolAddresses.Of([next], addresses);
        }

        Assert.Null(Find(all[1]));
        Assert.All(all.Skip(2), endpoint => Assert.Equal(endpoint.Replica, Find(endpoint)));

        InstanceId? Find(Endpoint endpoint) => addresses.Find(endpoint.Address, endpoint.Port);
    }

    [Fact]
    public void Of_a_pool_with_too_many_replicas_the_first_are_known()
    {
        var all = Endpoints(PoolAddresses.ReplicasMax + 1);
        var addresses = PoolAddresses.Of(all, null);

        Assert.Equal(all[^2].Replica, addresses.Find(all[^2].Address, all[^2].Port));
        Assert.Null(addresses.Find(all[^1].Address, all[^1].Port));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20261126)]
    public void Counts_are_what_was_added_however_often_they_were_packed_on_the_way(int seed)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var (counts, plain) = (new ReplicaCounts(), new Dictionary<InstanceId, ReplicaTraffic>());
        InstanceId[] replicas = [.. Enumerable.Range(1, 10).Select(number => RoutingTablesContract.Replica(MeshHost.Pool(), number))];
        for (var step = 0; step < 500; step++)
        {
            var (one, good, bad, bucket) = (replicas[random.Next(10)], random.NextInt64(1L << random.Next(40)), random.Next(1000), random.Next(34));
            var measured = random.Next(3) > 0 ? good : 0;
            counts.Add(new ReplicaLoad(one, good, bad, measured > 0 ? [(bucket, measured)] : []));
            var before = plain.GetValueOrDefault(one) ?? new(one, 0, 0, new long[34]);
            var latencies = before.LatencyCounts.ToArray();
            latencies[bucket] += measured;
            plain[one] = new(one, before.Requests + good + bad, before.Errors + bad, latencies);
            if (random.Next(10) == 0)
            {
                var packed = counts.Pack();
                counts = new();
                counts.Add(packed);
            }
        }

        foreach (var (known, read) in plain.Values.OrderBy(replica => replica.Replica.Value).Zip(counts.Read()))
        {
            Assert.Equal((known.Replica, known.Requests, known.Errors), (read.Replica, read.Requests, read.Errors));
            Assert.Equal(known.LatencyCounts, read.LatencyCounts);
        }

        Assert.Equal(plain.Count, counts.Read().Count);
    }

    [Fact]
    public void What_is_beyond_the_bound_is_left_out_and_what_is_within_goes_on()
    {
        var counts = new ReplicaCounts();
        for (var number = 1; number <= ReplicaCounts.ReplicasMax + 5; number++)
        {
            counts.Add(new ReplicaLoad(RoutingTablesContract.Replica(default, number), 1, 0, []));
        }

        counts.Add(counts.Pack());

        Assert.Equal(ReplicaCounts.ReplicasMax, counts.Read().Count);
        Assert.All(counts.Read(), replica => Assert.Equal(2, replica.Requests));
    }

    private static IReadOnlyList<Endpoint> Endpoints(int count) =>
        [.. Enumerable.Range(1, count).Select(number => new Endpoint(RoutingTablesContract.Replica(default, number), "127.9.0.1", 8000 + number))];
}
