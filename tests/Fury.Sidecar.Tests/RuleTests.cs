using Fury.Sidecar.Following;
using Fury.Sidecar.Forwarding;
using Fury.Sidecar.Routing;
using Fury.Sidecar.Tests.Following;
using Google.Protobuf.WellKnownTypes;
using Yarp.ReverseProxy.Forwarder;
using XdsCluster = Envoy.Config.Cluster.V3.Cluster;

namespace Fury.Sidecar.Tests;

/// <summary>The decisions behind traffic rules, by themselves.</summary>
public sealed class RuleTests
{
    private static readonly OutlierRules Strict = new(3, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(100), 50);

    [Theory]
    [InlineData(1, 0, 100, false)]
    [InlineData(2, 0, 100, true)]
    [InlineData(2, 1, 100, false)]
    [InlineData(2, 0, 1, true)]
    [InlineData(10, 0, 1, true)]
    [InlineData(10, 1, 19, false)]
    [InlineData(10, 1, 20, true)]
    [InlineData(10, 8, 100, true)]
    [InlineData(10, 9, 100, false)]
    public void One_endpoint_may_always_be_ejected_more_by_percent_and_one_always_stays(int endpoints, int ejected, int percent, bool may) =>
        Assert.Equal(may, Outliers.MayEject(endpoints, ejected, percent));

    [Theory]
    [InlineData(1, 30)]
    [InlineData(2, 60)]
    [InlineData(3, 100)]
    [InlineData(1000, 100)]
    public void An_ejection_lasts_twice_as_long_each_time_up_to_its_maximum(int ejection, int seconds) =>
        Assert.Equal(seconds, Outliers.TimeOf(Strict, ejection).TotalSeconds);

    [Fact]
    public void Errors_in_a_row_eject_and_an_answer_in_between_does_not()
    {
        var pool = Pool(2) with { Rules = new(Strict) };
        var endpoint = pool.Endpoints[0];
        Note(true, 0);
        Note(true, 0);
        Note(false, 0);
        Note(true, 0);
        Note(true, 0);
        Assert.False(endpoint.IsSetAside(0));

        Note(true, 0);

        Assert.True(endpoint.IsSetAside(29));
        Assert.False(endpoint.IsSetAside(30));
        Note(true, 31);
        Note(true, 31);
        Note(true, 31);
        Assert.True(endpoint.IsSetAside(31 + 59));
        Assert.False(endpoint.IsSetAside(31 + 60));

        // Long after the last ejection it starts from the beginning.
        Note(true, 1000);
        Note(true, 1000);
        Note(true, 1000);
        Assert.False(endpoint.IsSetAside(1000 + 30));

        void Note(bool isError, long now) => Outliers.Note(pool, endpoint, isError, now, ticksPerSecond: 1);
    }

    [Fact]
    public void The_last_endpoint_is_not_ejected_whatever_it_answers()
    {
        var pool = Pool(3) with { Rules = new(Strict with { EjectedPercentMax = 100 }) };
        for (var error = 0; error < 100; error++)
        {
            foreach (var endpoint in pool.Endpoints)
            {
                Outliers.Note(pool, endpoint, isError: true, now: 1, ticksPerSecond: 1);
            }
        }

        Assert.Single(pool.Endpoints, endpoint => !endpoint.IsEjected(1));
    }

    [Fact]
    public void A_retry_needs_room_in_the_budget()
    {
        var budget = new PoolLimits(100, RetriesMax: 1, RetryPercent: 20, RetriesMin: 3);

        Assert.True(Limits.MayRetry(null, 1000, 1000));
        Assert.True(Limits.MayRetry(budget, 3, 3));
        Assert.False(Limits.MayRetry(budget, 4, 19));
        Assert.True(Limits.MayRetry(budget, 4, 20));
        Assert.True(Limits.MayRetry(budget with { RetryPercent = null }, 1, 0));
        Assert.False(Limits.MayRetry(budget with { RetryPercent = null }, 2, 100));
        Assert.False(Limits.IsOverloaded(budget, 100));
        Assert.True(Limits.IsOverloaded(budget, 101));
        Assert.False(Limits.IsOverloaded(null, 1_000_000));
    }

    [Fact]
    public void Rules_bound_the_attempts_but_never_above_the_sidecars_own()
    {
        Assert.Equal(Endings.AttemptsMax, Endings.AttemptsMaxOf(null));
        Assert.Equal(1, Endings.AttemptsMaxOf(new(0, null)));
        Assert.Equal(3, Endings.AttemptsMaxOf(new(2, null)));
        Assert.Equal(Endings.AttemptsMax, Endings.AttemptsMaxOf(new(100, null)));
        Assert.True(Endings.MayRetry(Ending.TryTimedOut, "GET", canReplay: true, responseStarted: false, attempts: 1));
        Assert.False(Endings.MayRetry(Ending.TryTimedOut, "POST", canReplay: true, responseStarted: false, attempts: 1));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(20261126)]
    public void A_key_keeps_its_endpoint_unless_that_goes_and_a_new_one_takes_no_more_than_its_share(int seed)
    {
        const int Keys = 5000;
        var random = new Random(seed);
        var keys = Enumerable.Range(0, Keys).Select(_ => Rendezvous.Hash($"{random.Next()}")).ToList();
        var pool = Pool(9);
        var scope = Scope(pool);
        var before = keys.ConvertAll(key => Choose(scope, key));
        Assert.Equal(before, keys.ConvertAll(key => Choose(scope, key)));

        var gone = pool.Endpoints[4];
        var fewer = Scope(pool with { Endpoints = [.. pool.Endpoints.Where(endpoint => endpoint != gone)] });
        var more = Scope(pool with { Endpoints = [.. pool.Endpoints, new EndpointSlot(new Endpoint("127.0.0.1", 99))] });

        Assert.All(keys.Zip(before), pair => Assert.True(pair.Second == gone || Choose(fewer, pair.First) == pair.Second));
        Assert.All(keys.Zip(before), pair => Assert.True(Choose(more, pair.First) is var now && (now == pair.Second || now.Endpoint.Port == 99)));

        // A ninth of 5,000 with a standard deviation of 22; five of them on either side.
        Assert.All(pool.Endpoints, endpoint => Assert.InRange(before.Count(chosen => chosen == endpoint), 444, 667));

        EndpointSlot Choose(RoutedScope from, ulong key) => Choosing.Choose(from, [], null, null, 0, random, key)!.Value.Endpoint;
    }

    [Fact]
    public void A_key_goes_elsewhere_while_its_endpoint_is_set_aside_and_comes_back()
    {
        var (pool, key) = (Pool(3), Rendezvous.Hash("somebody"));
        var mine = Choose(now: 0);
        mine.SetAside(10);

        var other = Choose(now: 5);

        Assert.NotSame(mine, other);
        Assert.Same(other, Choose(now: 6));
        Assert.Same(mine, Choose(now: 10));

        EndpointSlot Choose(long now) => Choosing.Choose(Scope(pool), [], null, null, now, new Random(1), key)!.Value.Endpoint;
    }

    [Fact]
    public void A_clusters_rules_are_read_with_what_it_leaves_out()
    {
        var all = ResourceReading.Cluster(Any.Pack(new XdsCluster
        {
            Name = "x",
            Type = XdsCluster.Types.DiscoveryType.Eds,
            OutlierDetection = new()
            {
                Consecutive5Xx = 3,
                BaseEjectionTime = TimeSpan.FromSeconds(1).ToDuration(),
                MaxEjectionTime = TimeSpan.FromSeconds(9).ToDuration(),
                MaxEjectionPercent = 40,
            },
            CircuitBreakers = new()
            {
                Thresholds =
                {
                    new Envoy.Config.Cluster.V3.CircuitBreakers.Types.Thresholds
                    {
                        MaxConnections = 10,
                        MaxPendingRequests = 5,
                        MaxRequests = 50,
                        RetryBudget = new() { BudgetPercent = new() { Value = 25 } },
                    },
                },
            },
        }));

        Assert.Equal(new OutlierRules(3, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(9), 40), all.Outliers);
        Assert.Equal(new PoolLimits(15, 3, 25, 3), all.Limits);
        Assert.Equal(PoolRules.None, ResourceReading.Cluster(Resources.PoolCluster(World.Pool()).Resource_));
        Assert.Throws<NotUnderstoodException>(() => ResourceReading.Cluster(Any.Pack(new XdsCluster { Name = "x" })));
    }

    private static RoutedPool Pool(int endpoints) => new(
        new PoolSlot(World.Pool(), HttpTransformer.Default),
        100,
        [.. Enumerable.Range(1, endpoints).Select(port => new EndpointSlot(new Endpoint("127.0.0.1", port)))]);

    private static RoutedScope Scope(RoutedPool pool) => new(World.Scope, ["any"], [pool]);
}
