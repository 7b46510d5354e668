using System.Net;
using Fury.Sidecar.Forwarding;
using Fury.Sidecar.Routing;
using Fury.Testing;

namespace Fury.Sidecar.Tests;

/// <summary>Traffic rules as clients see them.</summary>
public sealed class TrafficRulesTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task A_request_that_takes_longer_than_its_scope_allows_is_answered_by_the_sidecar()
    {
        await using var world = await World.Start();
        var backend = await world.Backend("one");
        var pool = World.Pool();
        await world.Route(new TrafficRules(Timeout: Short), new WeightedPool(pool, 100, [World.At(backend.Port)]));

        using var response = await world.Get("/slow");

        Assert.Equal((HttpStatusCode.GatewayTimeout, "timed-out"), (response.StatusCode, response.Headers.GetValues(Refusal.Header).Single()));
        Assert.Equal(1, backend.Requests);
        await Eventually.True(() => world.Feed.Traffic(pool) is { Requests: 1, Failures: 1, InFlight: 0 });
    }

    [Fact]
    public async Task An_answer_that_does_not_end_in_time_is_broken_off_and_counts_as_a_failure()
    {
        await using var world = await World.Start();
        var backend = await world.Backend("one");
        var pool = World.Pool();
        await world.Route(new TrafficRules(Timeout: Short), new WeightedPool(pool, 100, [World.At(backend.Port)]));

        using var response = await world.Get("/break-half");
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsStringAsync().WaitAsync(Eventually.Deadline));

        await Eventually.True(() => world.Feed.Traffic(pool) is { Requests: 1, Failures: 1, InFlight: 0 });
    }

    [Theory]
    [InlineData("GET", HttpStatusCode.OK)]
    [InlineData("POST", HttpStatusCode.GatewayTimeout)]
    public async Task An_attempt_that_takes_too_long_is_made_elsewhere_where_that_is_harmless(string method, HttpStatusCode expected)
    {
        await using var world = await World.Start();
        var (slow, quick) = (await world.Backend("slow"), await world.Backend("quick", released: true));
        var rules = new TrafficRules(Retries: new(1, Short));
        await world.Route(
            rules, new WeightedPool(World.Pool(), 100, [World.At(slow.Port)]), new WeightedPool(World.Pool(), 0, [World.At(quick.Port)]));

        using var response = await world.Send(new HttpMethod(method), "/slow");

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal((1, expected == HttpStatusCode.OK ? 1 : 0), (slow.Requests, quick.Requests));
    }

    [Fact]
    public async Task No_more_attempts_are_made_than_the_rules_say()
    {
        await using var world = await World.Start();
        var (one, two) = (new BreakingServer(), new BreakingServer());
        await using var _ = one;
        await using var __ = two;
        await world.Route(
            new TrafficRules(Retries: new(0, null)), new WeightedPool(World.Pool(), 100, [World.At(one.Port), World.At(two.Port)]));

        using var response = await world.Get();

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal(1, one.Connections + two.Connections);
    }

    [Fact]
    public async Task A_client_keeps_its_endpoint_by_the_cookie_that_it_is_given()
    {
        await using var world = await World.Start();
        var backends = new List<Backend>();
        for (var number = 0; number < 5; number++)
        {
            backends.Add(await world.Backend($"{number}"));
        }

        var rules = new TrafficRules(Affinity: new(null, "who", TimeSpan.FromHours(1)));
        await world.Route(rules, new WeightedPool(World.Pool(), 100, [.. backends.Select(backend => World.At(backend.Port))]));
        using var first = await world.Get();
        var cookie = first.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("max-age=3600", cookie);
        Assert.Contains("path=/", cookie);
        var mine = await first.Content.ReadAsStringAsync();

        for (var request = 0; request < 10; request++)
        {
            using var again = await world.GetWith("Cookie", cookie.Split(';')[0]);
            Assert.Equal(mine, await again.Content.ReadAsStringAsync());
            Assert.False(again.Headers.Contains("Set-Cookie"));
        }
    }

    [Fact]
    public async Task Requests_with_the_same_header_go_to_the_same_endpoint()
    {
        await using var world = await World.Start();
        var (one, two) = (await world.Backend("one"), await world.Backend("two"));
        var rules = new TrafficRules(Affinity: new("x-user", null, default));
        await world.Route(rules, new WeightedPool(World.Pool(), 100, [World.At(one.Port), World.At(two.Port)]));

        for (var user = 0; user < 20; user++)
        {
            var before = (one.Requests, two.Requests);
            for (var request = 0; request < 3; request++)
            {
                (await world.GetWith("x-user", $"{user}")).Dispose();
            }

            Assert.Contains((one.Requests, two.Requests), new[] { (before.Item1 + 3, before.Item2), (before.Item1, before.Item2 + 3) });
        }
    }

    [Fact]
    public async Task An_endpoint_that_answers_with_errors_is_left_out()
    {
        await using var world = await World.Start();
        var (bad, good) = (await world.Backend("bad"), await world.Backend("good"));
        var rules = new PoolRules(new OutlierRules(3, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), 50));
        await world.Route(new WeightedPool(World.Pool(), 100, [World.At(bad.Port), World.At(good.Port)]) { Rules = rules });
        bad.Fails = true;

        for (var request = 0; request < 50; request++)
        {
            (await world.Get()).Dispose();
        }

        Assert.Equal(3, bad.Requests);
        Assert.Equal(47, good.Requests);
    }

    [Fact]
    public async Task More_requests_than_the_circuit_breaker_lets_through_are_refused_at_once()
    {
        await using var world = await World.Start();
        var backend = await world.Backend("one");
        var pool = World.Pool();
        await world.Route(new WeightedPool(pool, 100, [World.At(backend.Port)]) { Rules = new(null, new(2, 3, null, 3)) });
        var held = new[] { world.Text("/held"), world.Text("/held") };
        await Eventually.True(() => backend.Requests == 2);

        using var refused = await world.Get();

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "overloaded"), (refused.StatusCode, refused.Headers.GetValues(Refusal.Header).Single()));
        backend.Release();
        await Task.WhenAll(held);
        Assert.Equal("one", await world.Text());
        await Eventually.True(() => world.Feed.Traffic(pool) is { Requests: 3, Failures: 0, InFlight: 0, Begun: 3 });
    }

    [Fact]
    public async Task A_retry_without_room_in_the_budget_is_not_made()
    {
        await using var world = await World.Start();
        var broken = new BreakingServer();
        await using var _ = broken;
        var spare = await world.Backend("spare");
        var none = new PoolRules(null, new PoolLimits(100, RetriesMax: 0, RetryPercent: null, RetriesMin: 0));
        await world.Route(
            new WeightedPool(World.Pool(), 100, [World.At(broken.Port)]), new WeightedPool(World.Pool(), 0, [World.At(spare.Port)]) { Rules = none });

        using var response = await world.Get();

        Assert.Equal("connection-broken", response.Headers.GetValues(Refusal.Header).Single());
        Assert.Equal(0, spare.Requests);
    }

    [Fact]
    public async Task Safe_requests_are_mirrored_and_the_mirror_is_never_waited_for()
    {
        await using var world = await World.Start();
        var (main, mirror) = (await world.Backend("main"), await world.Backend("mirror"));
        var (mainPool, mirrorPool) = (World.Pool(), World.Pool());
        var rules = new TrafficRules(Mirror: new(mirrorPool, 1_000_000));
        await world.Route(rules, new WeightedPool(mainPool, 100, [World.At(main.Port)]), new WeightedPool(mirrorPool, 0, [World.At(mirror.Port)]));
        main.Release();

        // The mirror holds its answer; the request has its own.
        Assert.Equal("main", await world.Text("/held"));
        using var posted = await world.Send(HttpMethod.Post, "/", new StringContent("x"));

        await Eventually.True(() => mirror.Requests == 1);
        Assert.Equal("production-web.shop.localhost", mirror.LastHeaders!["Host"]);
        Assert.Equal("1", mirror.LastHeaders["x-fury-mirrored"]);
        Assert.Equal(2, main.Requests);
        Assert.False(main.LastHeaders!.ContainsKey("x-fury-mirrored"));
        await Eventually.True(() => world.Feed.Traffic(mirrorPool) is { InFlight: 1, Requests: 0 });
        mirror.Release();
        await Eventually.True(() => world.Feed.Traffic(mirrorPool) is { InFlight: 0, Requests: 1, Failures: 0 });
    }

    [Fact]
    public async Task A_mirror_that_cannot_be_reached_fails_nothing_and_no_more_are_under_way_than_there_may_be()
    {
        await using var world = await World.Start();
        var (main, mirror) = (await world.Backend("main"), await world.Backend("mirror"));
        var mirrorPool = World.Pool();
        var rules = new TrafficRules(Mirror: new(mirrorPool, 1_000_000));
        var pool = new WeightedPool(World.Pool(), 100, [World.At(main.Port)]);
        main.Release();
        await world.Route(rules, pool, new WeightedPool(mirrorPool, 0, [World.At(World.ClosedPort())]));
        Assert.Equal("main", await world.Text());
        await Eventually.True(() => world.Feed.Traffic(mirrorPool) is { Failures: 1, InFlight: 0 });

        await world.Route(rules, pool, new WeightedPool(mirrorPool, 0, [World.At(mirror.Port)]));
        for (var request = 0; request < Mirroring.InFlightMax + 10; request++)
        {
            Assert.Equal("main", await world.Text("/held"));
        }

        Assert.Equal(Mirroring.InFlightMax, world.Slots.Of(mirrorPool).InFlight);
    }
}
