using Envoy.Config.Endpoint.V3;
using Fury.Sidecar.Following;
using Fury.Sidecar.Routing;
using Fury.Xds;

namespace Fury.Sidecar.Tests.Following;

public sealed class LoadDeltasTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(20261126)]
    public void Whatever_is_sent_and_whatever_is_lost_the_reports_that_were_sent_add_up_to_the_counters(int seed)
    {
        var random = new Random(seed);
        var (deltas, pools) = (new LoadDeltas(), Enumerable.Range(0, 3).Select(_ => World.Pool()).ToArray());
        var now = pools.ToDictionary(pool => pool, PoolTraffic.None);
        var heard = pools.ToDictionary(pool => Resources.Cluster(pool), _ => new Sum());
        foreach (var pool in pools)
        {
            deltas.Name(pool, Resources.Cluster(pool));
        }

        for (var step = 0; step <= 2000; step++)
        {
            var pool = pools[random.Next(3)];
            now[pool] = Later(now[pool], random);
            deltas.Note(now[pool]);
            var report = deltas.Compose(_ => true, false);
            if (step == 2000 || random.Next(3) > 0)
            {
                deltas.Sent(report);
                report.Clusters.ToList().ForEach(cluster => heard[cluster.ClusterName].Add(cluster));
            }
        }

        foreach (var pool in pools)
        {
            var (sum, traffic) = (heard[Resources.Cluster(pool)], now[pool]);
            Assert.Equal((traffic.Begun, traffic.Requests), (sum.Issued, sum.Succeeded + sum.Failed));
            Assert.Equal((traffic.Errors + traffic.Failures, traffic.Failures, traffic.InFlight), (sum.Failed, sum.Unanswered, sum.InFlight));
            Assert.Equal(traffic.LatencyCounts, sum.Latencies);
        }
    }

    [Fact]
    public void A_pool_that_requests_wait_for_is_in_every_report_until_they_do_not()
    {
        var (deltas, pool) = (new LoadDeltas(), World.Pool());
        deltas.Name(pool, Resources.Cluster(pool));
        for (var report = 0; report < 2; report++)
        {
            deltas.Note(PoolTraffic.None(pool) with { Waiting = 3 });
            var metric = deltas.Compose(_ => true, false).Clusters.Single().UpstreamLocalityStats.Single().LoadMetricStats.Single();
            Assert.Equal((MeshProtocol.Waiting, 3ul), (metric.MetricName, metric.NumRequestsFinishedWithMetric));
            deltas.Sent(deltas.Compose(_ => true, false));
        }

        deltas.Note(PoolTraffic.None(pool));
        Assert.Empty(deltas.Compose(_ => true, false).Clusters.Single().UpstreamLocalityStats.Single().LoadMetricStats);
        deltas.Sent(deltas.Compose(_ => true, false));
        Assert.Empty(deltas.Compose(_ => true, false).Clusters);
    }

    [Fact]
    public void A_pool_with_requests_in_its_hands_is_in_every_report_and_one_at_rest_in_none()
    {
        var (deltas, pool) = (new LoadDeltas(), World.Pool());
        deltas.Name(pool, Resources.Cluster(pool));
        deltas.Note(PoolTraffic.None(pool) with { Begun = 1, InFlight = 1 });
        deltas.Sent(deltas.Compose(_ => true, false));

        Assert.Equal(1ul, deltas.Compose(_ => true, false).Clusters.Single().UpstreamLocalityStats.Single().TotalRequestsInProgress);
        Assert.Empty(deltas.Compose(_ => false, false).Clusters);
        deltas.Note(PoolTraffic.None(pool) with { Begun = 1, Requests = 1 });
        deltas.Sent(deltas.Compose(_ => true, false));

        Assert.Empty(deltas.Compose(_ => true, false).Clusters);
    }

    [Fact]
    public void A_pool_that_was_forgotten_counts_anew_after_its_last_news_was_sent()
    {
        var (deltas, pool) = (new LoadDeltas(), World.Pool());
        deltas.Name(pool, Resources.Cluster(pool));
        deltas.Note(PoolTraffic.None(pool) with { Begun = 5, Requests = 5 });
        deltas.Forget(pool);
        var last = deltas.Compose(_ => true, false);
        Assert.Equal(5ul, last.Clusters.Single().UpstreamLocalityStats.Single().TotalIssuedRequests);
        deltas.Sent(last);

        deltas.Name(pool, Resources.Cluster(pool));
        deltas.Note(PoolTraffic.None(pool) with { Begun = 2, Requests = 2 });

        Assert.Equal(2ul, deltas.Compose(_ => true, false).Clusters.Single().UpstreamLocalityStats.Single().TotalIssuedRequests);
    }

    [Fact]
    public void What_attempts_met_at_each_place_is_told_once_beside_what_the_pool_did_as_a_whole()
    {
        var (deltas, pool, east) = (new LoadDeltas(), World.Pool(), new Place("us-1", "east", "aws"));
        deltas.Name(pool, Resources.Cluster(pool));
        Tell(new(east, 2, 1), begun: 3);

        var told = Tell(new(east, 6, 1), begun: 7).Clusters.Single().UpstreamLocalityStats;

        Assert.Equal((null, 4ul), (told[0].Locality, told[0].TotalIssuedRequests));
        Assert.Equal(("us-1", "east", "aws"), (told[1].Locality.Region, told[1].Locality.Zone, told[1].Locality.SubZone));
        Assert.Equal(0ul, told[1].TotalIssuedRequests);
        var metric = Assert.Single(told[1].LoadMetricStats);
        Assert.Equal((MeshProtocol.Reached, 4ul), (metric.MetricName, metric.NumRequestsFinishedWithMetric));

        LoadReport Tell(PlaceTraffic place, long begun)
        {
            deltas.Note(PoolTraffic.None(pool) with { Begun = begun, Requests = begun, Places = [place] });
            var report = deltas.Compose(_ => true, false);
            deltas.Sent(report);
            return report;
        }
    }

    private static PoolTraffic Later(PoolTraffic from, Random random)
    {
        var (begun, ended) = (random.Next(4), random.Next(4));
        ended = Math.Min(ended, from.InFlight + begun);
        var errors = random.Next(ended + 1);
        var failures = random.Next(ended - errors + 1);
        var latencies = from.LatencyCounts.ToArray();
        latencies[random.Next(latencies.Length)] += ended;
        return new(
            from.Pool, from.Requests + ended, from.Errors + errors, from.Failures + failures, from.InFlight + begun - ended, latencies)
        {
            Begun = from.Begun + begun,
        };
    }

    internal sealed class Sum
    {
        public long Issued { get; private set; }

        public long Succeeded { get; private set; }

        public long Failed { get; private set; }

        public long Unanswered { get; private set; }

        public long Ended => Succeeded + Failed;

        public int InFlight { get; private set; }

        public long[] Latencies { get; } = new long[LatencyBuckets.Count];

        /// <summary>By port.</summary>
        public Dictionary<uint, Sum> Replicas { get; } = [];

        public void Add(ClusterStats cluster)
        {
            var stats = cluster.UpstreamLocalityStats.Single();
            foreach (var replica in stats.UpstreamEndpointStats)
            {
                var port = replica.Address.SocketAddress.PortValue;
                Replicas.TryAdd(port, new());
                Replicas[port].Add(replica);
            }

            Issued += (long)stats.TotalIssuedRequests;
            Succeeded += (long)stats.TotalSuccessfulRequests;
            Failed += (long)stats.TotalErrorRequests;
            InFlight = (int)stats.TotalRequestsInProgress;
            Add(stats.LoadMetricStats);
        }

        public void Add(UpstreamEndpointStats stats)
        {
            Issued += (long)stats.TotalIssuedRequests;
            Succeeded += (long)stats.TotalSuccessfulRequests;
            Failed += (long)stats.TotalErrorRequests;
            InFlight = (int)stats.TotalRequestsInProgress;
            Add(stats.LoadMetricStats);
        }

        private void Add(IEnumerable<EndpointLoadMetricStats> metrics)
        {
            foreach (var metric in metrics)
            {
                if (metric.MetricName == MeshProtocol.Unanswered)
                {
                    Unanswered += (long)metric.NumRequestsFinishedWithMetric;
                }
                else
                {
                    Latencies[int.Parse(metric.MetricName[MeshProtocol.LatencyBucket.Length..])] += (long)metric.NumRequestsFinishedWithMetric;
                }
            }
        }
    }
}
