using System.Net;
using Dapper;
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

public sealed class YarpSidecarTests() : SidecarContract("yarp", "127.9.77");

public sealed class HaproxySidecarTests() : SidecarContract("haproxy", "127.9.78");

/// <summary>The real mesh, the real sidecar and real backends: what is published moves real requests, whatever carries them.</summary>
/// <param name="addresses">Of the backends, up to the last dot.</param>
public abstract class SidecarContract(string dataPlane, string addresses) : IAsyncLifetime
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

    private static async Task<WebApplication> Backend(string address, string name)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Parse(address), Port));
        var app = builder.Build();
        app.Run(context => context.Response.WriteAsync(name));
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
