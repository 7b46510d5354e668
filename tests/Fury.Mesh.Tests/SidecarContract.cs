using System.Net;
using Dapper;
using Fury.Compute.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Sidecar;
using Fury.Testing;
using Fury.Xds;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fury.Mesh.Tests;

public sealed class YarpSidecarTests() : SidecarContract("yarp", "127.9.77", tellsOfPlaces: true);

public sealed class HaproxySidecarTests() : SidecarContract("haproxy", "127.9.78", tellsOfPlaces: false);

/// <summary>The real mesh, the real sidecar and real backends: what is published moves real requests, whatever carries them.</summary>
/// <param name="addresses">Of the backends, up to the last dot.</param>
/// <param name="tellsOfPlaces">Whether it counts attempts by place.</param>
public abstract class SidecarContract(string dataPlane, string addresses, bool tellsOfPlaces) : IAsyncLifetime
{
    private const int Port = 8080;

    private static readonly ScopeRef Scope = MeshHost.Scope();
    private static readonly ScopeRef Caller = MeshHost.Scope("caller");

    private readonly MeshWithSidecar _database = new(dataPlane);

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        await Depend();
        await _database.StartHosted();
    }

    public Task DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_publication_that_has_converged_moves_every_request_and_its_traffic_is_known()
    {
        var mesh = new MeshHost(_database.Services);
        await using var blue = await Backend($"{addresses}.1", "blue");
        await using var green = await Backend($"{addresses}.2", "green");
        var (bluePool, greenPool) = (await Ready(mesh, $"{addresses}.1"), await Ready(mesh, $"{addresses}.2"));
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await mesh.Publish(Scope, 1, new PoolWeight(bluePool, 100), new PoolWeight(greenPool, 0));
        await Eventually.True(async () => await Get(client) == "blue");

        for (var round = 1; round <= 20; round++)
        {
            var toGreen = round % 2 == 0;
            var table = await mesh.Publish(
                Scope, 1, new PoolWeight(bluePool, toGreen ? 0 : 100), new PoolWeight(greenPool, toGreen ? 100 : 0));
            var converged = await mesh.Tables.Converged(Scope, table.Version, TimeSpan.FromSeconds(20), default);
            Assert.True(converged.Done);
            Assert.Equal(toGreen ? "green" : "blue", await Get(client));
        }

        // Those who use the scope were waited for, and the sidecar is the one that does.
        Assert.Equal(_database.Get<ISidecar>().Proxy, Assert.Single(mesh.Hub.Followers(MeshNames.Of(Scope))).Proxy.Name);

        await Eventually.True(async () => (await mesh.Tables.Traffic([bluePool, greenPool], default)) is
            [{ Requests: 11, InFlight: 0, Failures: 0 }, { Requests: 10, InFlight: 0, Failures: 0 }]);
    }

    [Fact]
    public async Task Replicas_of_one_pool_in_several_groups_get_the_same_and_what_was_met_in_each_group_is_known()
    {
        var mesh = new MeshHost(_database.Services);
        await using var east = await Backend($"{addresses}.3", "east");
        await using var west = await Backend($"{addresses}.4", "west");
        await using var beside = await Backend($"{addresses}.5", "beside");
        var pool = MeshHost.PoolState(MeshHost.Pool(), Scope, ready: 3, revision: 1);
        var groups = new[] { "east", "west", "west" }.Zip([3, 4, 5]).Select(
            (group, place) => pool.Replicas[place] with { Address = $"{addresses}.{group.Second}", Port = Port, Group = group.First }).ToList();
        await mesh.Tell(pool with { Replicas = groups });
        await mesh.Publish(Scope, 1, new PoolWeight(pool.Id, 100));
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await Eventually.True(async () => await Get(client) is "east" or "west" or "beside");

        var answers = new Dictionary<string, int>();
        for (var request = 0; request < 600; request++)
        {
            var answer = await Get(client);
            answers[answer] = answers.GetValueOrDefault(answer) + 1;
        }

        Assert.All(["east", "west", "beside"], name => Assert.InRange(answers.GetValueOrDefault(name), 130, 270));
        if (!tellsOfPlaces)
        {
            return;
        }

        await east.StopAsync();
        for (var request = 0; request < 20; request++)
        {
            Assert.NotEqual("east", await Get(client));
        }

        await Eventually.True(
            async () => (await _database.Get<IDataPlane>().Seen(default)).ToDictionary(seen => seen.Location.Group) is var seen
                && seen.TryGetValue("east", out var lost) && lost.Failed > 0 && lost.Requests - lost.Failed >= answers["east"]
                && seen.TryGetValue("west", out var served) && served.Failed == 0 && served.Requests >= answers["west"] + answers["beside"],
            TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_sick_replica_is_named_while_the_table_names_two_pools_whatever_host_is_asked()
    {
        var mesh = new MeshHost(_database.Services);
        await using var well = await Backend($"{addresses}.6", "well");
        await using var sick = await Backend($"{addresses}.7", "sick", StatusCodes.Status500InternalServerError);
        await using var other = await Backend($"{addresses}.8", "other");
        var (old, candidate) = (await Ready(mesh, $"{addresses}.8"), MeshHost.PoolState(MeshHost.Pool(), Scope, ready: 2, revision: 1));
        await mesh.Tell(candidate with
        {
            Replicas = [.. candidate.Replicas.Zip([6, 7], (replica, place) => replica with { Address = $"{addresses}.{place}", Port = Port })],
        });
        await mesh.Publish(Scope, 1, new PoolWeight(candidate.Id, 99.75m), new PoolWeight(old, 0.25m));
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await Eventually.True(async () => await Get(client) is "well" or "sick" or "other");
        for (var request = 0; request < 100; request++)
        {
            await Get(client);
        }

        await using var services = _database.BuildServices();
        var elsewhere = new MeshHost(services);
        await elsewhere.Feed.Refresh(default);
        foreach (var host in new[] { mesh, elsewhere })
        {
            await Eventually.True(async () => (await host.Tables.Traffic([candidate.Id], default)) is [{ Requests: >= 50 } pool]
                && pool.Replicas is [{ Requests: > 0, Errors: 0 }, { Requests: > 0 } named]
                && named.Replica == candidate.Replicas[1].Id
                && named.Errors == named.Requests
                && named.Errors == pool.Errors
                && pool.Replicas.Sum(replica => replica.Requests) == pool.Requests);
        }

        await mesh.Publish(Scope, 1, new PoolWeight(candidate.Id, 100));
        await Eventually.True(async () => (await mesh.Tables.Traffic([candidate.Id], default)) is [{ Replicas: [] }]);
    }

    private async Task<string> Get(HttpClient client)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, _database.Get<ISidecar>().Address);
        request.Headers.Host = "production-web.shop.localhost";
        using var response = await client.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }

    private static async Task<PoolId> Ready(MeshHost mesh, string address)
    {
        var pool = MeshHost.PoolState(MeshHost.Pool(), Scope, ready: 1, revision: 1);
        await mesh.Tell(pool with { Replicas = [pool.Replicas[0] with { Address = address, Port = Port }] });
        return pool.Id;
    }

    private static async Task<WebApplication> Backend(string address, string name, int status = StatusCodes.Status200OK)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Parse(address), Port));
        var app = builder.Build();
        app.Run(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(name);
        });
        await app.StartAsync();
        return app;
    }

    /// <summary>As the API writes it.</summary>
    private async Task Depend()
    {
        await using var connection = await _database.Get<IDatabase>().Source.OpenConnectionAsync();
        await connection.ExecuteAsync(
            """
            insert into mesh.dependency (scope, revision, declared)
            select @caller, value, @on from mesh.revision
            """,
            new { caller = $"{Caller}", on = new[] { $"{Scope}" } });
    }

    private sealed class MeshWithSidecar(string dataPlane) : TestDatabase<MeshModule>
    {
        protected override void Configure(IServiceCollection services) => services.AddSidecar(
            new ConfigurationBuilder().AddInMemoryCollection(
            [
                new("Sidecar:Listen", "http://127.0.0.1:0"), new("Sidecar:DataPlane", dataPlane), new("Sidecar:Scope", $"{Caller}"),
            ]).Build());
    }
}
