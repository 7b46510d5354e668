using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Fury.Sidecar.Forwarding;
using Fury.Sidecar.Haproxy;
using Fury.Sidecar.Routing;
using Fury.Testing;

namespace Fury.Sidecar.Tests.Haproxy;

/// <summary>What only HAProxy can do wrong, with a real one.</summary>
public sealed class HaproxyTests
{
    [Fact]
    public async Task Endpoints_come_and_go_under_load_without_a_lost_request()
    {
        await using var world = await World.Start(SidecarOptions.HaproxyName);
        var (stays, comes) = (await world.Backend("stays"), await world.Backend("comes"));
        var pool = World.Pool();
        await world.Route(new WeightedPool(pool, 100, [World.At(stays.Port)]));
        using var load = new Load(world, clients: 8);

        for (var round = 0; round < 20; round++)
        {
            await world.Route(new WeightedPool(pool, 100, [World.At(stays.Port), World.At(comes.Port)]));
            var before = comes.Requests;
            await load.More(30);
            await Eventually.True(() => comes.Requests > before);
            await world.Route(new WeightedPool(pool, 100, [World.At(stays.Port)]));
            await load.More(10);
        }

        var sent = await load.Stop();
        Assert.Empty(load.Failures);
        await Eventually.True(() => world.Feed.Traffic(pool) is { InFlight: 0, Failures: 0 } traffic && traffic.Requests == sent && traffic.Begun == sent);
    }

    [Fact]
    public async Task A_pool_that_has_left_and_is_idle_gives_its_place_to_another_and_keeps_its_numbers()
    {
        await using var world = await World.Start(SidecarOptions.HaproxyName);
        var backend = await world.Backend("one");
        var first = World.Pool();
        await world.Route(new WeightedPool(first, 100, [World.At(backend.Port)]));
        await world.Text();

        // More pools than there is room for at once, one after the other.
        for (var next = 0; next < 3 * World.HaproxyPools; next++)
        {
            var pool = World.Pool();
            await world.Route(new WeightedPool(pool, 100, [World.At(backend.Port)]));
            await world.Text();
            await Eventually.True(() => world.Feed.Traffic(pool) is { Begun: 1, Requests: 1, InFlight: 0, Errors: 0, Failures: 0 });
            await world.Route(new WeightedPool(World.Pool(), 100, []));
        }

        await world.Route(new WeightedPool(first, 100, [World.At(backend.Port)]));
        await world.Text();

        await Eventually.True(() => world.Feed.Traffic(first) is { Begun: 2, Requests: 2, InFlight: 0 });
    }

    [Fact]
    public async Task More_pools_than_there_is_room_for_are_not_acknowledged_and_what_served_before_goes_on()
    {
        await using var world = await World.Start(SidecarOptions.HaproxyName);
        var backend = await world.Backend("one");
        var pool = new WeightedPool(World.Pool(), 100, [World.At(backend.Port)]);
        var acknowledged = await world.Route(pool);

        WeightedPool[] many = [.. Enumerable.Range(0, World.HaproxyPools + 1).Select(_ => pool with { Pool = World.Pool() })];
        world.Feed.Tell(whole: false, World.Routes(many));
        await Eventually.True(() => world.Log.Contains("Sidecar:Haproxy:PoolsMax is 8"));

        Assert.Equal(acknowledged, world.Feed.Applied);
        Assert.Equal("one", await world.Text());
        await world.Route(pool with { Pool = World.Pool() });
        Assert.Equal("one", await world.Text());
    }

    [Fact]
    public async Task An_endpoint_without_an_address_is_not_acknowledged()
    {
        await using var world = await World.Start(SidecarOptions.HaproxyName);

        world.Feed.Tell(whole: false, World.Routes(new WeightedPool(World.Pool(), 100, [new("replica.example;show info", 80)])));

        await Eventually.True(() => world.Log.Contains("HAProxy needs an IP address"));
        Assert.Equal(0, world.Feed.Applied);
    }

    [Fact]
    public async Task Killed_it_comes_back_with_all_routes_and_what_was_in_flight_has_failed()
    {
        await using var world = await World.Start(SidecarOptions.HaproxyName);
        var backend = await world.Backend("one");
        var pool = World.Pool();
        await world.Route(new WeightedPool(pool, 100, [World.At(backend.Port)]));
        await world.Text();
        var held = world.Get("/held");
        await Eventually.True(() => world.Feed.Traffic(pool) is { InFlight: 1, Requests: 1 });
        var killed = world.Haproxy.HaproxyId;

        Process.GetProcessById(killed).Kill();

        await Assert.ThrowsAsync<HttpRequestException>(() => held);
        await Eventually.True(() => world.Haproxy.HaproxyId != killed);
        await Eventually.True(() => IsServed(world));
        await Eventually.True(() => world.Feed.Traffic(pool) is { InFlight: 0, Requests: 3, Failures: 1, Begun: 3 });
        await world.Route(new WeightedPool(World.Pool(), 100, [World.At(backend.Port)]));
        Assert.Equal("one", await world.Text());
    }

    [Fact]
    public async Task Nothing_is_acknowledged_while_it_is_dead()
    {
        await using var world = await World.Start(SidecarOptions.HaproxyName);
        Backend[] backends = [await world.Backend("blue"), await world.Backend("green")];
        await world.Route(new WeightedPool(World.Pool(), 100, [World.At(backends[0].Port)]));

        for (var round = 1; round <= 4; round++)
        {
            var next = backends[round % 2];
            using var haproxy = Process.GetProcessById(world.Haproxy.HaproxyId);
            haproxy.Kill();
            await haproxy.WaitForExitAsync();
            await world.Route(new WeightedPool(World.Pool(), 100, [World.At(next.Port)]));

            // It is acknowledged now, so it is what a request meets.
            Assert.Equal(next.Name, await world.Text());
        }
    }

    [Fact]
    public async Task When_it_does_not_have_what_it_should_an_update_is_acknowledged_once_it_has()
    {
        await using var world = await World.Start(SidecarOptions.HaproxyName);
        var (blue, green) = (await world.Backend("blue"), await world.Backend("green"));
        var (bluePool, greenPool) = (World.Pool(), World.Pool());
        await world.Route(new WeightedPool(bluePool, 100, [World.At(blue.Port)]), new WeightedPool(greenPool, 0, [World.At(green.Port)]));
        var api = new RuntimeApi(Path.Combine(FolderOf(world), "api.sock"), TimeProvider.System);

        await api.Ask(["clear map slots.map", $"set server pool-1/127.0.0.1:{green.Port} state maint"], default);
        await world.Route(new WeightedPool(bluePool, 0, [World.At(blue.Port)]), new WeightedPool(greenPool, 100, [World.At(green.Port)]));

        Assert.Equal("green", await world.Text());
        Assert.True(world.Log.Contains("is not applied yet: HAProxy answered"), $"{world.Log}");
    }

    [Fact]
    public async Task Errors_of_the_application_and_requests_without_an_answer_are_told_apart()
    {
        await using var world = await World.Start(SidecarOptions.HaproxyName);
        var backend = await world.Backend("one");
        var pool = World.Pool();
        await world.Route(new WeightedPool(pool, 100, [World.At(backend.Port)]));

        await world.Text();
        using var wrong = await world.Get("/error");
        using var broken = await world.Send(HttpMethod.Post, "/break");

        Assert.Equal((HttpStatusCode.InternalServerError, HttpStatusCode.BadGateway), (wrong.StatusCode, broken.StatusCode));
        Assert.False(wrong.Headers.Contains(Refusal.Header));
        Assert.Equal("connection-broken", broken.Headers.GetValues(Refusal.Header).Single());
        // The client may send again what HAProxy broke off without a word, so there can be one more.
        await Eventually.True(() => world.Feed.Traffic(pool) is { Errors: 1, InFlight: 0 } traffic
            && traffic.Requests == traffic.Begun && traffic.Failures == traffic.Requests - 2 && traffic.Begun == backend.Requests);
        var failures = world.Feed.Traffic(pool).Failures;
        Assert.InRange(failures, 1, 2);

        // Also when the server that has answered so is gone.
        await world.Route(new WeightedPool(pool, 100, []));
        var other = await world.Backend("other");
        await world.Route(new WeightedPool(pool, 100, [World.At(other.Port)]));
        using var again = await world.Get("/error");
        await Eventually.True(() => world.Feed.Traffic(pool) is { Errors: 2 } traffic && traffic.Failures == failures);
    }

    [Theory]
    [InlineData("GET", HttpStatusCode.OK)]
    [InlineData("DELETE", HttpStatusCode.OK)]
    [InlineData("POST", HttpStatusCode.BadGateway)]
    public async Task A_request_whose_connection_broke_is_repeated_only_when_that_is_harmless(string method, HttpStatusCode expected)
    {
        await using var world = await World.Start(SidecarOptions.HaproxyName);
        await using var broken = new BreakingServer();
        var backend = await world.Backend("one");
        await world.Route(new WeightedPool(World.Pool(), 100, [World.At(broken.Port), World.At(backend.Port)]));

        // The broken one is met by one of two in turn.
        List<HttpStatusCode> seen = [];
        while (broken.Connections == 0 && seen.Count < 20)
        {
            using var response = await world.Send(new HttpMethod(method), "/");
            seen.Add(response.StatusCode);
        }

        Assert.Equal(1, broken.Connections);
        Assert.Equal(expected, seen[^1]);
    }

    [Fact]
    public async Task A_request_that_takes_longer_than_the_rules_give_it_is_told_so()
    {
        await using var world = await World.Start(SidecarOptions.HaproxyName);
        var backend = await world.Backend("one");
        var pool = World.Pool();
        await world.Route(new TrafficRules(TimeSpan.FromMilliseconds(200)), new WeightedPool(pool, 100, [World.At(backend.Port)]));

        using var late = await world.Get("/slow");

        Assert.Equal((HttpStatusCode.GatewayTimeout, "timed-out"), (late.StatusCode, late.Headers.GetValues(Refusal.Header).Single()));
        Assert.Equal("one", await world.Text());
        await Eventually.True(() => world.Feed.Traffic(pool) is { Requests: 2, Failures: 1 });
    }

    [Fact]
    public async Task A_port_that_is_taken_and_a_program_that_is_no_HAProxy_stop_it_from_starting_with_a_sentence()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var listen = $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}";

        var port = await Assert.ThrowsAsync<InvalidOperationException>(() => World.Start(SidecarOptions.HaproxyName, more: [new("Sidecar:Listen", listen)]));
        var program = await Assert.ThrowsAsync<InvalidOperationException>(
            () => World.Start(SidecarOptions.HaproxyName, more: [new("Sidecar:Haproxy:Binary", "/bin/false")]));

        Assert.Contains($"Sidecar:Listen is '{listen}' and that port is taken", port.Message);
        Assert.Contains("/bin/false", program.Message);
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public async Task What_it_is_told_by_is_for_this_user_alone_and_gone_when_it_has_stopped()
    {
        await using var world = await World.Start(SidecarOptions.HaproxyName);
        var process = Process.GetProcessById(world.Haproxy.HaproxyId);
        var folder = FolderOf(world);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, "api.sock")));

        await world.Stop();

        Assert.True(process.HasExited);
        Assert.False(Directory.Exists(folder));
    }

    private static string FolderOf(World world) =>
        File.ResolveLinkTarget($"/proc/{world.Haproxy.HaproxyId}/cwd", returnFinalTarget: false)!.FullName;

    private static async Task<bool> IsServed(World world)
    {
        try
        {
            return await world.Text() == "one";
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
