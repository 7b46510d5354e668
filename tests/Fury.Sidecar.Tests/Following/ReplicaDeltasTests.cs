using Envoy.Config.Endpoint.V3;
using Fury.Kernel;
using Fury.Sidecar.Following;
using Fury.Sidecar.Routing;
using Fury.Xds;
using Google.Protobuf.Collections;
using Xunit.Abstractions;

namespace Fury.Sidecar.Tests.Following;

/// <summary>What load reports tell of replicas, one by one.</summary>
public sealed class ReplicaDeltasTests(ITestOutputHelper output)
{
    private readonly LoadDeltas _deltas = new();
    private readonly PoolId _pool = World.Pool();
    private long _begun;

    [Theory]
    [InlineData(1)]
    [InlineData(20261126)]
    public void Whatever_is_lost_and_whenever_they_are_asked_for_the_reports_that_were_sent_add_up_to_the_counters(int seed)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var now = Enumerable.Range(1, 3).Select(port => new ReplicaTraffic(World.At(port), 0, 0, 0, new long[LatencyBuckets.Count])).ToArray();
        var heard = now.ToDictionary(replica => (uint)replica.Endpoint.Port, _ => new LoadDeltasTests.Sum());
        for (var step = 0; step <= 2000; step++)
        {
            var one = random.Next(3);
            now[one] = Later(now[one], random);
            var (isAsked, isSent) = (step == 2000 || random.Next(3) > 0, step == 2000 || random.Next(3) > 0);
            var report = Compose([.. now], isAsked);
            if (isSent)
            {
                _deltas.Sent(report);
                foreach (var stats in Told(report))
                {
                    heard[stats.Address.SocketAddress.PortValue].Add(stats);
                }
            }
        }

        foreach (var replica in now)
        {
            var sum = heard[(uint)replica.Endpoint.Port];
            Assert.Equal((replica.Begun, replica.Requests, replica.Errors), (sum.Issued, sum.Ended, sum.Failed));
            Assert.Equal(replica.Begun - replica.Requests, sum.InFlight);
            Assert.Equal(replica.LatencyCounts, sum.Latencies);
        }
    }

    [Fact]
    public void Only_what_has_moved_is_told_and_of_its_latencies_only_the_buckets_that_have()
    {
        var latencies = new long[LatencyBuckets.Count];
        latencies[5] = 2;
        ReplicaTraffic moves = new(World.At(1), 2, 2, 0, latencies), rests = new(World.At(2), 1, 1, 1, new long[LatencyBuckets.Count]);
        _deltas.Sent(Compose([moves, rests], true));

        moves = moves with { Begun = 3, Requests = 3, LatencyCounts = [.. latencies[..7], 1, .. latencies[8..]] };
        var told = Assert.Single(Told(Compose([moves, rests], true)));

        Assert.Equal((1u, 1ul, 0ul), (told.Address.SocketAddress.PortValue, told.TotalSuccessfulRequests, told.TotalErrorRequests));
        Assert.Equal($"{MeshProtocol.LatencyBucket}7", Assert.Single(told.LoadMetricStats).MetricName);
    }

    [Fact]
    public void What_is_known_when_they_come_to_be_asked_for_is_told_also_of_a_pool_at_rest_and_once()
    {
        ReplicaTraffic replica = new(World.At(1), 4, 4, 1, []);
        _deltas.Sent(Compose([replica], false));

        var asked = _deltas.Compose(_ => true, true);
        _deltas.Sent(asked);

        Assert.Equal(3ul, Assert.Single(Told(asked)).TotalSuccessfulRequests);
        Assert.Empty(_deltas.Compose(_ => true, true).Clusters);
    }

    [Fact]
    public void Counters_that_begin_anew_after_their_scope_was_whole_are_told_from_zero()
    {
        _deltas.Sent(Compose([new(World.At(1), 9, 9, 0, [])], true));
        _deltas.Sent(Compose([], true));

        var told = Assert.Single(Told(Compose([new(World.At(1), 12, 12, 2, [])], true)));

        Assert.Equal((12ul, 10ul, 2ul), (told.TotalIssuedRequests, told.TotalSuccessfulRequests, told.TotalErrorRequests));
    }

    private LoadReport Compose(IReadOnlyList<ReplicaTraffic> replicas, bool ofReplicas)
    {
        _deltas.Name(_pool, Resources.Cluster(_pool));
        _begun++;
        _deltas.Note(PoolTraffic.None(_pool) with { Begun = _begun, Requests = _begun, Replicas = replicas });
        return _deltas.Compose(_ => true, ofReplicas);
    }

    private static RepeatedField<UpstreamEndpointStats> Told(LoadReport report) =>
        report.Clusters.Single().UpstreamLocalityStats.Single().UpstreamEndpointStats;

    private static ReplicaTraffic Later(ReplicaTraffic from, Random random)
    {
        var begun = from.Begun + random.Next(4);
        var ended = random.Next((int)(begun - from.Requests) + 1);
        var latencies = from.LatencyCounts.ToArray();
        latencies[random.Next(latencies.Length)] += ended;
        return new(from.Endpoint, begun, from.Requests + ended, from.Errors + random.Next(ended + 1), latencies);
    }
}
