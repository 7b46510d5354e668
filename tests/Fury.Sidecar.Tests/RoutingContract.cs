using System.Net;
using Fury.Sidecar.Forwarding;
using Fury.Sidecar.Routing;
using Fury.Testing;
using Fury.Xds;

namespace Fury.Sidecar.Tests;

/// <summary>How requests find their way, whatever carries them.</summary>
public abstract class RoutingContract(string dataPlane)
{
    [Fact]
    public async Task Before_the_first_update_every_request_is_told_to_come_back()
    {
        await using var world = await World.Start(dataPlane);

        using var response = await world.Get();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("routes-not-loaded", response.Headers.GetValues(Refusal.Header).Single());
    }

    [Fact]
    public async Task A_request_finds_its_scope_by_host_name_whatever_its_case_and_port()
    {
        await using var world = await World.Start(dataPlane);
        var backend = await world.Backend("one");
        var pool = World.Pool();
        await world.Route(new WeightedPool(pool, 100, [World.At(backend.Port)]));

        using var response = await world.Send(HttpMethod.Get, "/", host: "Production-Web.SHOP.localhost:7081");

        Assert.Equal("one", await response.Content.ReadAsStringAsync());
        Assert.Equal(pool.ToString(), response.Headers.GetValues(MeshProtocol.PoolHeader).Single());
    }

    [Fact]
    public async Task An_unknown_host_is_not_found_and_a_scope_without_pools_is_unavailable()
    {
        await using var world = await World.Start(dataPlane);
        await world.Route();

        using var unknown = await world.Send(HttpMethod.Get, "/", host: "nothing.nowhere.localhost");
        using var empty = await world.Get();

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.ServiceUnavailable), (unknown.StatusCode, empty.StatusCode));
        Assert.Equal("unknown-host", unknown.Headers.GetValues(Refusal.Header).Single());
        Assert.Equal("no-pool", empty.Headers.GetValues(Refusal.Header).Single());
        Assert.Contains("shop/production-web", await empty.Content.ReadAsStringAsync());
        Assert.Equal("application/problem+json", empty.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_whole_update_takes_away_what_it_does_not_name()
    {
        await using var world = await World.Start(dataPlane);
        var backend = await world.Backend("one");
        await world.Route(new WeightedPool(World.Pool(), 100, [World.At(backend.Port)]));

        var version = world.Feed.Tell(whole: true);
        await Eventually.True(() => world.Feed.Applied == version);

        using var response = await world.Get();
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Connections_to_endpoints_are_kept_and_used_again()
    {
        await using var world = await World.Start(dataPlane);
        var backend = await world.Backend("one");
        await world.Route(new WeightedPool(World.Pool(), 100, [World.At(backend.Port)]));

        for (var request = 0; request < 50; request++)
        {
            await world.Text();
        }

        Assert.Equal(50, backend.Requests);
        Assert.InRange(backend.Connections, 1, 5);
    }

    [Fact]
    public async Task Requests_divide_by_weight()
    {
        const int Requests = 3000;
        await using var world = await World.Start(dataPlane, seed: 20261121);
        var (blue, green) = (await world.Backend("blue"), await world.Backend("green"));
        await world.Route(
            new WeightedPool(World.Pool(), 90, [World.At(blue.Port)]), new WeightedPool(World.Pool(), 10, [World.At(green.Port)]));

        await Parallel.ForAsync(0, Requests, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) => await world.Text());

        // Binomial(3000, 0.1): mean 300, standard deviation 16.4; five of them on either side.
        Assert.InRange(green.Requests, 218, 382);
        Assert.Equal(Requests, blue.Requests + green.Requests);
    }

    [Fact]
    public async Task A_pool_of_weight_0_serves_when_no_pool_with_weight_has_an_endpoint_and_not_before()
    {
        await using var world = await World.Start(dataPlane);
        var (main, spare) = (await world.Backend("main"), await world.Backend("spare"));
        var (mainPool, sparePool) = (World.Pool(), World.Pool());
        var spareRoutes = new WeightedPool(sparePool, 0, [World.At(spare.Port)]);

        await world.Route(new WeightedPool(mainPool, 100, [World.At(main.Port)]), spareRoutes);
        var before = await world.Text();
        await world.Route(new WeightedPool(mainPool, 100, []), spareRoutes);
        var after = await world.Text();

        Assert.Equal(("main", "spare"), (before, after));
        Assert.Equal(1, spare.Requests);
    }

    [Fact]
    public async Task The_busier_of_two_endpoints_is_left_alone()
    {
        await using var world = await World.Start(dataPlane);
        var (busy, idle) = (await world.Backend("busy"), await world.Backend("idle"));
        var pool = World.Pool();
        await world.Route(new WeightedPool(pool, 100, [World.At(busy.Port)]));
        var held = Enumerable.Range(0, 5).Select(_ => world.Text("/held")).ToList();
        await Eventually.True(() => busy.Requests == 5);

        await world.Route(new WeightedPool(pool, 100, [World.At(busy.Port), World.At(idle.Port)]));
        for (var request = 0; request < 20; request++)
        {
            Assert.Equal("idle", await world.Text());
        }

        busy.Release();
        await Task.WhenAll(held);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    [InlineData("PATCH")]
    public async Task A_request_that_could_not_be_sent_goes_to_another_endpoint_of_its_pool_whatever_its_method(string method)
    {
        await using var world = await World.Start(dataPlane);
        var backend = await world.Backend("one");
        var pool = World.Pool();
        await world.Route(new WeightedPool(pool, 100, [World.At(World.ClosedPort()), World.At(backend.Port)]));

        for (var request = 0; request < 10; request++)
        {
            using var response = await world.Send(new HttpMethod(method), "/");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(10, backend.Requests);
        await Eventually.True(() => world.Feed.Traffic(pool) is { Requests: 10, Errors: 0, Failures: 0, InFlight: 0 });
    }

    [Fact]
    public async Task The_application_sees_the_clients_host_and_the_sidecar_as_forwarder()
    {
        await using var world = await World.Start(dataPlane);
        var backend = await world.Backend("one");
        await world.Route(new WeightedPool(World.Pool(), 100, [World.At(backend.Port)]));

        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(world.Address, "/headers"));
        request.Headers.Host = "production-web.shop.localhost";
        request.Headers.Add("X-Forwarded-For", "6.6.6.6");
        request.Headers.Add("Keep-Alive", "timeout=5");
        using var response = await world.Client.SendAsync(request);
        var seen = await response.Content.ReadAsStringAsync();

        Assert.Contains("Host: production-web.shop.localhost", seen, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("X-Forwarded-For: 127.0.0.1", seen, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("X-Forwarded-Proto: http", seen, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("6.6.6.6", seen);
        Assert.DoesNotContain("Keep-Alive", seen, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_request_chooses_a_pool_by_header_or_cookie_where_that_is_allowed_and_otherwise_not()
    {
        await using var world = await World.Start(dataPlane);
        var (blue, green) = (await world.Backend("blue"), await world.Backend("green"));
        var (bluePool, greenPool) = (World.Pool(), World.Pool());
        WeightedPool[] pools = [new(bluePool, 100, [World.At(blue.Port)]), new(greenPool, 0, [World.At(green.Port)])];
        await world.Route(new TrafficRules { Previews = [greenPool] }, pools);

        Assert.Equal("green", await Text("x-fury-pool", $"{greenPool}"));
        Assert.Equal("green", await Text("Cookie", $"a=b; fury-pool={greenPool}"));
        Assert.Equal("blue", await Text("x-fury-pool", $"{bluePool}"));
        Assert.Equal("blue", await Text("x-fury-pool", "nonsense"));
        Assert.Equal("blue", await world.Text());
        await world.Route(TrafficRules.None, pools);
        Assert.Equal("blue", await Text("x-fury-pool", $"{greenPool}"));

        async Task<string> Text(string header, string value)
        {
            using var response = await world.GetWith(header, value);
            return await response.Content.ReadAsStringAsync();
        }
    }
}
