using Dapper;
using Envoy.Config.Endpoint.V3;
using Fury.Kernel;
using Fury.LittleMonster.Testing;
using Fury.Mesh.Contracts;
using Fury.Mesh.Proxies;
using Fury.Mesh.Xds;
using Fury.Testing;
using Fury.Xds;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fury.Mesh.Tests;

/// <summary>Scopes whose requests are held, and the news that some wait.</summary>
public sealed class HoldTests(TestDatabase<MeshModule> database) : IClassFixture<TestDatabase<MeshModule>>
{
    private static readonly ScopeRef Web = MeshHost.Scope();

    [Theory]
    [InlineData("Fury", true)]
    [InlineData("Envoy", false)]
    [InlineData("Grpc", false)]
    public void Only_the_sidecar_is_told_that_requests_are_held(string dialect, bool isTold)
    {
        var policy = new TrafficPolicy(Mirror: new(MeshHost.Pool(), 10));
        var scope = new MeshScope(Web, [new(MeshHost.Pool(), 100, "", [])], policy) { Holds = true };

        var routes = RouteRendering.Host(scope, Enum.Parse<Dialect>(dialect)).Routes;

        Assert.NotEmpty(routes);
        Assert.All(
            routes,
            route => Assert.Equal(isTold, route.Metadata?.FilterMetadata[MeshProtocol.RouteMetadata].Fields[MeshProtocol.Hold].BoolValue ?? false));
        Assert.All(
            RouteRendering.Host(scope with { Holds = false }, Enum.Parse<Dialect>(dialect)).Routes, route => Assert.Null(route.Metadata));
    }

    [Fact]
    public async Task People_set_the_policy_and_the_platform_the_hold_and_neither_changes_the_others()
    {
        var (mesh, scope) = (new MeshHost(database.Services), MeshHost.Scope("both"));
        await mesh.Publish(scope, 1, new PoolWeight(await mesh.ReadyPool(scope), 100));
        await mesh.Tables.Hold(scope, true, default);
        await mesh.Policies.Keep(scope, new(RequestTimeoutMs: 1500), default);
        await mesh.Feed.Refresh(default);
        var both = mesh.Hub.Current.Scopes[MeshNames.Of(scope)].Scope;
        await mesh.Tables.Hold(scope, false, default);
        await mesh.Feed.Refresh(default);
        var policy = mesh.Hub.Current.Scopes[MeshNames.Of(scope)].Scope;

        Assert.Equal((true, 1500), (both.Holds, both.Policy.RequestTimeoutMs));
        Assert.Equal((false, 1500), (policy.Holds, policy.Policy.RequestTimeoutMs));
    }

    [Fact]
    public void Requests_that_wait_are_in_flight_and_name_the_pool_that_is_awaited()
    {
        var (waited, busy, book) = (MeshHost.Pool(), MeshHost.Pool(), new TrafficBook(new MeshHost(database.Services).Node));
        ClusterStats[] stats =
        [
            Stats(waited, inFlight: 1, new EndpointLoadMetricStats { MetricName = MeshProtocol.Waiting, NumRequestsFinishedWithMetric = 20 }),
            Stats(busy, inFlight: 2, new EndpointLoadMetricStats { MetricName = MeshProtocol.Unanswered, NumRequestsFinishedWithMetric = 1 }),
            new() { ClusterName = "elsewhere" },
        ];

        book.Add("one", new(0, 1, LoadReports.Read(stats, Splits.None)));
        Assert.Equal([new PoolAwaited(Web, waited)], LoadReports.Awaited(stats));
        Assert.Equal((21, 2), (book.Find([waited]).Single().Traffic.InFlight, book.Find([busy]).Single().Traffic.InFlight));

        book.Add("one", new(1, 2, LoadReports.Read([Stats(waited, inFlight: 20)], Splits.None)));
        Assert.Equal(20, book.Find([waited]).Single().Traffic.InFlight);
    }

    [Fact]
    public async Task That_requests_wait_is_told_at_once_and_again_each_second_however_often_it_is_reported()
    {
        var clock = new TestClock();
        var (first, second) = (new PoolAwaited(Web, MeshHost.Pool()), new PoolAwaited(Web, MeshHost.Pool()));
        using var awaited = new AwaitedPools(database.Database, clock, NullLogger<AwaitedPools>.Instance);
        await awaited.StartAsync(default);

        awaited.Note([first]);
        await Eventually.True(async () => await Told(first) == 1);
        for (var report = 0; report < 100; report++)
        {
            awaited.Note([first]);
        }

        awaited.Note([first, second]);
        await Eventually.True(async () => await Told(second) == 1);
        Assert.Equal(1, await Told(first));

        clock.Advance(TimeSpan.FromSeconds(1));
        awaited.Note([first]);
        await Eventually.True(async () => await Told(first) == 2);
        await awaited.StopAsync(default);
    }

    private static ClusterStats Stats(PoolId pool, ulong inFlight, params EndpointLoadMetricStats[] metrics) => new()
    {
        ClusterName = MeshNames.Of(Web, pool),
        UpstreamLocalityStats = { new UpstreamLocalityStats { TotalRequestsInProgress = inFlight, LoadMetricStats = { metrics } } },
    };

    private async Task<int> Told(PoolAwaited news)
    {
        await using var connection = await database.Database.Source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<int>(
            "select count(*)::int from hosting.outbox where type = @type and key = @key", new { type = typeof(PoolAwaited).FullName, key = news.Key });
    }
}
