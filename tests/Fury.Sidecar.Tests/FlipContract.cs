using System.Net.WebSockets;
using System.Text;
using Fury.Sidecar.Routing;
using Fury.Testing;

namespace Fury.Sidecar.Tests;

/// <summary>Changes of the routes while requests are under way, whatever carries them.</summary>
public abstract class FlipContract(string dataPlane)
{
    [Fact]
    public async Task A_hundred_flips_under_load_lose_no_request()
    {
        const int Flips = 100;
        await using var world = await World.Start(dataPlane);
        var (blue, green) = (await world.Backend("blue"), await world.Backend("green"));
        var (bluePool, greenPool) = (World.Pool(), World.Pool());
        var (blueEnd, greenEnd) = (World.At(blue.Port), World.At(green.Port));
        await world.Route(new WeightedPool(bluePool, 100, [blueEnd]), new WeightedPool(greenPool, 0, [greenEnd]));
        using var load = new Load(world, clients: 8);

        for (var flip = 0; flip < Flips; flip++)
        {
            var weight = flip % 2 == 0 ? 0 : 100;
            await world.Route(new WeightedPool(bluePool, weight, [blueEnd]), new WeightedPool(greenPool, 100 - weight, [greenEnd]));
            await load.More(20);
        }

        var sent = await load.Stop();
        Assert.Empty(load.Failures);
        Assert.True(sent >= Flips * 20, $"{sent} requests");
        await Eventually.True(() => world.Feed.Traffic(bluePool).Requests + world.Feed.Traffic(greenPool).Requests == sent);
        Assert.Equal(sent, blue.Requests + green.Requests);
        Assert.Equal(0, world.Feed.Traffic(bluePool).Failures + world.Feed.Traffic(greenPool).Failures);
    }

    [Fact]
    public async Task A_removed_pool_gets_nothing_once_its_removal_is_acknowledged_and_its_requests_in_flight_have_ended()
    {
        await using var world = await World.Start(dataPlane);
        var (blue, green) = (await world.Backend("blue"), await world.Backend("green"));
        var (blueEnd, greenEnd) = (World.At(blue.Port), World.At(green.Port));
        await world.Route(new WeightedPool(World.Pool(), 100, [greenEnd]));
        using var load = new Load(world, clients: 8);

        for (var round = 0; round < 30; round++)
        {
            // A new pool each time: what is removed never comes back.
            var (leaving, staying) = (World.Pool(), World.Pool());
            await world.Route(new WeightedPool(leaving, 50, [blueEnd]), new WeightedPool(staying, 50, [greenEnd]));
            await load.More(20);
            await world.Route(new WeightedPool(staying, 100, [greenEnd]));

            await Eventually.True(() => world.Feed.Traffic(leaving).InFlight == 0);
            var arrived = blue.Requests;
            await load.More(20);
            Assert.Equal(arrived, blue.Requests);
        }

        await load.Stop();
        Assert.Empty(load.Failures);
    }

    [Fact]
    public async Task A_long_request_survives_the_flip_and_counts_as_in_flight_until_it_ends()
    {
        await using var world = await World.Start(dataPlane);
        var (blue, green) = (await world.Backend("blue"), await world.Backend("green"));
        var (bluePool, greenPool) = (World.Pool(), World.Pool());
        await world.Route(new WeightedPool(bluePool, 100, [World.At(blue.Port)]));
        var held = world.Text("/held");
        await Eventually.True(() => blue.Requests == 1);

        var version = await world.Route(new WeightedPool(greenPool, 100, [World.At(green.Port)]));

        Assert.Equal(1, world.Feed.TrafficAtApplied[version][bluePool].InFlight);
        Assert.Equal("green", await world.Text());
        blue.Release();
        Assert.Equal("blue", await held);
        await Eventually.True(() => world.Feed.Traffic(bluePool) is { InFlight: 0, Requests: 1, Failures: 0 });
    }

    [Fact]
    public async Task A_web_socket_is_in_flight_while_it_is_open()
    {
        await using var world = await World.Start(dataPlane);
        var backend = await world.Backend("one");
        var pool = World.Pool();
        await world.Route(new WeightedPool(pool, 100, [World.At(backend.Port)]));
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Host", "production-web.shop.localhost");
        await socket.ConnectAsync(new UriBuilder(world.Address) { Scheme = "ws", Path = "/socket" }.Uri, default);
        var buffer = new byte[100];
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, default);

        var received = await socket.ReceiveAsync(buffer, default);

        Assert.Equal("hello", Encoding.UTF8.GetString(buffer, 0, received.Count));
        await Eventually.True(() => world.Feed.Traffic(pool).InFlight == 1);
        backend.Release();
        await Eventually.True(() => world.Feed.Traffic(pool) is { InFlight: 0, Requests: 1 });
        Assert.Equal(0, world.Feed.Traffic(pool).LatencyCounts.Sum());
    }

    [Fact]
    public async Task Stopping_waits_for_the_requests_that_are_in_flight()
    {
        await using var world = await World.Start(dataPlane);
        var backend = await world.Backend("one");
        await world.Route(new WeightedPool(World.Pool(), 100, [World.At(backend.Port)]));
        var held = world.Text("/held");
        await Eventually.True(() => backend.Requests == 1);

        var stopping = world.Stop();
        Assert.False(stopping.IsCompleted);
        backend.Release();

        Assert.Equal("one", await held);
        await stopping;
        await Assert.ThrowsAsync<HttpRequestException>(() => world.Get());
    }
}
