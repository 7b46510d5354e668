using Dapper;
using Envoy.Service.LoadStats.V3;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Xds;
using Fury.Testing;
using Fury.Xds;
using Google.Protobuf;

namespace Fury.Mesh.Tests;

/// <summary>What is known of each replica while its scope's table names two pools.</summary>
public sealed class ReplicaTests : MeshTest
{
    private static readonly ScopeRef Scope = MeshHost.Scope();

    [Fact]
    public async Task A_proxy_is_asked_for_replicas_while_a_scope_that_it_uses_is_split_and_once_for_each_change()
    {
        var other = MeshHost.Scope("other");
        var (old, candidate, foreign) = (await Mesh.ReadyPool(Scope), await Mesh.ReadyPool(Scope), await Mesh.ReadyPool(other));
        await Mesh.Publish(Scope, 1, new PoolWeight(old, 100));
        await using var proxy = await Mesh.Proxy("uses").Connect(Scope);
        await using var bystander = await Mesh.Proxy("other").Connect(other);
        await Task.WhenAll(proxy.OpenLoads(), bystander.OpenLoads());
        Assert.False(proxy.TellsReplicas);

        await Mesh.Publish(Scope, 1, new PoolWeight(candidate, 0), new PoolWeight(old, 100));
        await Eventually.True(() => proxy.TellsReplicas == true);
        await Mesh.Publish(Scope, 1, new PoolWeight(candidate, 50), new PoolWeight(old, 50));
        await Mesh.Publish(other, 1, new PoolWeight(foreign, 100));
        await Mesh.Publish(Scope, 1, new PoolWeight(candidate, 100));
        await Eventually.True(() => proxy.TellsReplicas == false);

        Assert.Equal((3, 1), (proxy.TimesAsked, bystander.TimesAsked));
    }

    [Fact]
    public async Task One_that_comes_while_a_scope_is_split_is_asked_at_once_and_one_that_comes_to_use_it_then()
    {
        var (old, candidate, other) = (await Mesh.ReadyPool(Scope), await Mesh.ReadyPool(Scope), MeshHost.Scope("other"));
        await Mesh.Publish(Scope, 1, new PoolWeight(candidate, 50), new PoolWeight(old, 50));
        await Mesh.Feed.Refresh(default);
        await using var later = await Mesh.Proxy("later").Connect(other);
        await later.OpenLoads();
        await using var proxy = await Mesh.Proxy("uses").Connect(Scope);
        await proxy.OpenLoads();

        Assert.Equal((true, false), (proxy.TellsReplicas, later.TellsReplicas));
        await using var again = await new TestProxy(Mesh.Xds.Address, "later").Connect(other, Scope);
        await Eventually.True(() => later.TellsReplicas == true);
    }

    [Fact]
    public async Task What_an_Envoy_says_of_endpoints_is_told_of_the_replicas_that_have_or_had_the_address()
    {
        var (old, candidate) = (await Mesh.ReadyPool(Scope), await Mesh.ReadyPool(Scope, 2));
        await Mesh.Publish(Scope, 1, new PoolWeight(candidate, 10), new PoolWeight(old, 90));
        await Mesh.Feed.Refresh(default);
        await Mesh.Tell(MeshHost.PoolState(candidate, Scope, ready: 1, revision: 2));
        await Mesh.Feed.Refresh(default);
        var json = $$$"""
            {"cluster_stats": [{
              "cluster_name": "{{{MeshNames.Of(Scope, candidate)}}}",
              "cluster_service_name": "{{{MeshNames.Of(Scope, candidate)}}}",
              "upstream_locality_stats": [{
                "locality": {"region": "this-machine", "zone": "instances", "sub_zone": "local"},
                "total_successful_requests": 17, "total_error_requests": 4, "total_requests_in_progress": 1, "total_issued_requests": 22,
                "upstream_endpoint_stats": [
                  {"address": {"socket_address": {"address": "127.9.0.1", "port_value": 8080}},
                   "total_successful_requests": 10, "total_issued_requests": 10},
                  {"address": {"socket_address": {"address": "127.9.0.2", "port_value": 8080}},
                   "total_successful_requests": 7, "total_error_requests": 4, "total_requests_in_progress": 1, "total_issued_requests": 12},
                  {"address": {"socket_address": {"address": "127.9.0.3", "port_value": 8080}},
                   "total_error_requests": 9, "total_issued_requests": 9}]}]}]}
            """;

        var report = JsonParser.Default.Parse<LoadStatsRequest>(json);
        var official = await OfficialProtos.Decode("envoy.service.load_stats.v3.LoadStatsRequest", report.ToByteArray());
        Assert.Equal(
            3, official.GetProperty("cluster_stats")[0].GetProperty("upstream_locality_stats")[0].GetProperty("upstream_endpoint_stats").GetArrayLength());
        var load = Assert.Single(LoadReports.Read(report.ClusterStats, Mesh.Hub.Current.Splits));

        Assert.Equal((17, 4, 1), (load.Succeeded, load.Failed, load.InFlight));
        Assert.Equal(
            [(RoutingTablesContract.Replica(candidate, 1), 10, 0), (RoutingTablesContract.Replica(candidate, 2), 7, 4)],
            load.Replicas.Select(replica => (replica.Replica, replica.Succeeded, replica.Failed)));
        Assert.Empty(LoadReports.Read(report.ClusterStats, Splits.None).Single().Replicas);
    }

    [Fact]
    public async Task Counts_of_every_host_add_up_and_outlive_the_hosts_that_made_them()
    {
        var (old, candidate) = (await Mesh.ReadyPool(Scope), await Mesh.ReadyPool(Scope, 2));
        await Mesh.Publish(Scope, 1, new PoolWeight(candidate, 10), new PoolWeight(old, 90));
        await Mesh.Feed.Refresh(default);
        var (first, second) = (await Another().Serve(), await Another().Serve());
        await using var near = await first.Proxy("near").Connect(Scope);
        await using var far = await second.Proxy("far").Connect(Scope);
        await near.Report(first.Book, Told(candidate, (1, 10, 0), (2, 5, 5)));
        await far.Report(second.Book, Told(candidate, (2, 3, 2)));

        await Seen((1, 10, 0), (2, 8, 7));
        await first.Stop();
        var third = await Another().Serve();
        await using var again = await third.Proxy("near").Connect(Scope);
        await again.Report(third.Book, Told(candidate, (2, 1, 1)));

        // The counters of the process that has ended stay as they are for as long as they are asked for.
        await new MeshTidy(Mesh.Database).Pass(0, default);
        await Seen((1, 10, 0), (2, 9, 8));

        await Mesh.Publish(Scope, 1, new PoolWeight(candidate, 100));
        await Eventually.True(async () => (await Mesh.Tables.Traffic([candidate], default)) is [{ Replicas: [], Requests: 19 }]);
        await second.Feed.Refresh(default);
        await third.Feed.Refresh(default);
        await Eventually.True(async () =>
        {
            await new MeshTidy(Mesh.Database).Pass(0, default);
            return await OnRecord() == 0;
        });
        Assert.Equal(19, (await Mesh.Tables.Traffic([candidate], default))[0].Requests);

        async Task Seen(params (int Number, long Requests, long Errors)[] wanted)
        {
            IReadOnlyList<(InstanceId, long, long)> seen = [];
            await Eventually.True(async () => (seen = await Replicas(Mesh, candidate)).Sum(one => one.Item2) >= wanted.Sum(one => one.Requests));
            Assert.Equal(wanted.Select(one => (RoutingTablesContract.Replica(candidate, one.Number), one.Requests, one.Errors)), seen);
        }
    }

    private static PoolTraffic Told(PoolId pool, params (int Number, long Requests, long Errors)[] replicas) =>
        PoolTraffic.None(pool) with
        {
            Requests = replicas.Sum(replica => replica.Requests),
            Errors = replicas.Sum(replica => replica.Errors),
            Replicas = [.. replicas.Select(it => new ReplicaTraffic(RoutingTablesContract.Replica(pool, it.Number), it.Requests, it.Errors, []))],
        };

    private static async Task<IReadOnlyList<(InstanceId Replica, long Requests, long Errors)>> Replicas(MeshHost host, PoolId pool) =>
        [.. (await host.Tables.Traffic([pool], default))[0].Replicas.Select(replica => (replica.Replica, replica.Requests, replica.Errors))];

    private async Task<int> OnRecord()
    {
        await using var connection = await Mesh.Database.Source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<int>("select count(*) from mesh.traffic where replicas is not null");
    }
}
