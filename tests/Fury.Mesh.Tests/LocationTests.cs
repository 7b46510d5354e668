using Dapper;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Fury.Compute.Contracts;
using Fury.Kernel;
using Fury.Mesh.Locations;
using Fury.Mesh.Proxies;
using Fury.Mesh.Xds;
using Fury.Xds;
using Endpoint = Fury.Mesh.Contracts.Endpoint;
using Location = Fury.Compute.Contracts.Location;

namespace Fury.Mesh.Tests;

/// <summary>Where a pool's endpoints are, and what requests met there.</summary>
public sealed class LocationTests : MeshTest
{
    private static readonly PoolId Pool = MeshHost.Pool();
    private static readonly Location East = new("aws", "us-1", "east");
    private static readonly Location West = new("aws", "us-1", "west");

    [Fact]
    public void Each_group_of_a_pool_is_a_locality_that_weighs_as_many_endpoints_as_it_has()
    {
        var rendered = EndpointRendering.Assignment("any", new(Pool, 100, "aws/us-1/clusters", [At(1, "west"), At(2, "east"), At(3, "west")]));

        Assert.Equal(
            [("aws", "us-1", "east", 1u, 1), ("aws", "us-1", "west", 2u, 2)],
            rendered.Endpoints.Select(one =>
                (one.Locality.SubZone, one.Locality.Region, one.Locality.Zone, one.LoadBalancingWeight!.Value, one.LbEndpoints.Count)));
    }

    [Fact]
    public void A_pool_that_is_at_one_place_is_one_locality_there()
    {
        var rendered = EndpointRendering.Assignment("any", new(Pool, 100, "local/this-machine/instances", [At(1, null), At(2, null)]));

        var only = Assert.Single(rendered.Endpoints);
        Assert.Equal(new Locality { Region = "this-machine", Zone = "instances", SubZone = "local" }, only.Locality);
        Assert.Equal((2u, 2), (only.LoadBalancingWeight!.Value, only.LbEndpoints.Count));
    }

    [Fact]
    public async Task News_that_a_replica_is_in_another_group_is_kept()
    {
        var state = MeshHost.PoolState(Pool, MeshHost.Scope(), ready: 1, revision: 1);
        await Mesh.Tell(state);
        await Mesh.Tell(state with { Revision = 2, Replicas = [state.Replicas[0] with { Group = "east" }] });

        Assert.Equal("east", await Scalar<string>($"select endpoints -> 0 ->> 'group' from mesh.pool where id = '{Pool}'"));
    }

    [Fact]
    public void An_applications_errors_say_nothing_of_a_place_and_only_the_sidecar_can_say_that_it_is_not_reached()
    {
        var cluster = new ClusterStats
        {
            ClusterName = $"any.any/{Pool}",
            UpstreamLocalityStats =
            {
                new UpstreamLocalityStats { TotalErrorRequests = 9, TotalSuccessfulRequests = 90 }, // The pool as a whole: of no place.
                new UpstreamLocalityStats { Locality = LocalityOf(East), TotalErrorRequests = 70, TotalSuccessfulRequests = 2 },
                new UpstreamLocalityStats
                {
                    Locality = LocalityOf(West),
                    LoadMetricStats = { Metric(MeshProtocol.Reached, 3), Metric(MeshProtocol.NotReached, 4), Metric(MeshProtocol.Unanswered, 50) },
                },
                new UpstreamLocalityStats { Locality = LocalityOf(new("aws", "us-1", "only-errors")), TotalErrorRequests = 70 },
                new UpstreamLocalityStats { Locality = LocalityOf(new("aws", "us-1", new string('x', 101))), TotalSuccessfulRequests = 70 },
                new UpstreamLocalityStats { Locality = LocalityOf(new("aws", "us-1", "odd\0")), TotalSuccessfulRequests = 70 },
            },
        };

        Assert.Equal([new LocationLoad(East, 2, 0), new LocationLoad(West, 3, 4)], LoadReports.Locations([cluster]));
    }

    [Fact]
    public void What_is_older_than_the_window_is_forgotten_and_more_places_than_there_can_be_are_left_out()
    {
        var clock = new LeapingClock();
        var book = new LocationBook(clock);
        book.Add([new(East, 1, 2)]);
        clock.Leap(IDataPlane.Window / 2);
        book.Add([new(East, 10, 20)]);
        Assert.Equal([new LocationLoad(East, 11, 22)], book.Sum());

        clock.Leap(IDataPlane.Window / 2);
        Assert.Equal([new LocationLoad(East, 10, 20)], book.Sum());

        clock.Leap(IDataPlane.Window);
        Assert.Empty(book.Sum());

        book.Add([.. Enumerable.Range(0, LocationBook.LocationsMax + 10).Select(number => new LocationLoad(new("aws", "us-1", $"{number}"), 1, 0))]);
        Assert.Equal(LocationBook.LocationsMax, book.Sum().Count);
    }

    [Fact]
    public async Task Hosts_add_up_replace_what_they_said_before_and_a_dead_ones_last_word_is_not_read()
    {
        var (near, far) = (new LocationStore(Mesh.Database, new OtherNode("near")), new LocationStore(Mesh.Database, new OtherNode("far")));
        await near.Write([new(East, 1, 2), new(West, 3, 0)], default);
        await near.Write([new(East, 5, 1)], default);
        await far.Write([new(East, 10, 2), new(West, 7, 0)], default);
        Assert.Equal([(East, 18, 3), (West, 7, 0)], await Seen());

        await Scalar<int>("update mesh.location set at = at - interval '1 minute' where node = 'far' returning 1");
        Assert.Equal([(East, 6, 1)], await Seen());

        await new MeshTidy(Mesh.Database).Pass(0, default);
        Assert.Equal(1, await Scalar<int>("select count(*)::int from mesh.location"));

        await near.Write([], default);
        Assert.Empty(await Seen());

        async Task<IEnumerable<(Location, long, long)>> Seen() => (await near.Seen(default)).Select(one => (one.Location, one.Requests, one.Failed));
    }

    private static Endpoint At(int number, string? group) => new(InstanceId.From(new Guid(number, 0, 0, new byte[8])), $"127.9.0.{number}", 8080, group);

    private static Locality LocalityOf(Location at) => new() { SubZone = at.Provider, Region = at.Region, Zone = at.Group };

    private static EndpointLoadMetricStats Metric(string name, ulong count) => new() { MetricName = name, NumRequestsFinishedWithMetric = count };

    private async Task<T?> Scalar<T>(string sql)
    {
        await using var connection = await Mesh.Database.Source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<T>(sql);
    }

    private sealed record OtherNode(string Name) : Hosting.INode
    {
        public Guid Incarnation { get; } = Guid.NewGuid();

        public string DataFolder => throw new NotSupportedException();
    }
}
