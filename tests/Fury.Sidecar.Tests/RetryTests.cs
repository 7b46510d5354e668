using System.Net;
using Fury.Sidecar.Forwarding;
using Fury.Sidecar.Routing;
using Fury.Testing;

namespace Fury.Sidecar.Tests;

public sealed class RetryTests
{
    [Fact]
    public async Task A_request_that_could_not_be_sent_to_its_pool_goes_to_another_pool_the_fallback_included()
    {
        await using var world = await World.Start();
        var spare = await world.Backend("spare");
        var (dead, sparePool) = (World.Pool(), World.Pool());
        Endpoint[] closed = [.. Enumerable.Range(0, 4).Select(_ => World.At(World.ClosedPort()))];
        await world.Route(new WeightedPool(dead, 100, closed), new WeightedPool(sparePool, 0, [World.At(spare.Port)]));

        Assert.Equal("spare", await world.Text());

        await Eventually.True(() => world.Feed.Traffic(sparePool).Requests == 1);
        Assert.Equal(0, world.Feed.Traffic(dead).Requests);
    }

    [Fact]
    public async Task When_no_endpoint_can_be_connected_to_the_sidecar_says_so_and_counts_one_failure()
    {
        await using var world = await World.Start();
        var pool = World.Pool();
        await world.Route(new WeightedPool(pool, 100, [World.At(World.ClosedPort()), World.At(World.ClosedPort())]));

        using var response = await world.Get();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("connect-failed", response.Headers.GetValues(Refusal.Header).Single());
        await Eventually.True(() => world.Feed.Traffic(pool) is { Requests: 1, Failures: 1, Errors: 0, InFlight: 0 });
    }

    [Fact]
    public async Task An_endpoint_that_was_set_aside_is_used_when_it_is_the_only_one()
    {
        await using var world = await World.Start();
        var port = World.ClosedPort();
        var endpoint = World.At(port);
        await world.Route(new WeightedPool(World.Pool(), 100, [endpoint]));
        using var refused = await world.Get();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);

        // Nothing listened there a moment ago; now something does, well before the endpoint's time aside is over.
        await world.Backend("risen", port);
        using var response = await world.Get();

        Assert.Equal("risen", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("GET", HttpStatusCode.OK)]
    [InlineData("PUT", HttpStatusCode.OK)]
    [InlineData("DELETE", HttpStatusCode.OK)]
    [InlineData("POST", HttpStatusCode.BadGateway)]
    [InlineData("PATCH", HttpStatusCode.BadGateway)]
    public async Task A_request_whose_connection_broke_is_repeated_only_when_that_is_harmless(string method, HttpStatusCode expected)
    {
        await using var world = await World.Start();
        var broken = new BreakingServer();
        await using var _ = broken;
        var backend = await world.Backend("one");
        var (first, second) = (World.Pool(), World.Pool());
        await world.Route(new WeightedPool(first, 100, [World.At(broken.Port)]), new WeightedPool(second, 0, [World.At(backend.Port)]));

        using var response = await world.Send(new HttpMethod(method), "/");

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(1, broken.Connections);
        var saved = expected == HttpStatusCode.OK ? 1 : 0;
        Assert.Equal(saved, backend.Requests);
        await Eventually.True(() => world.Feed.Traffic(second).Requests == saved && world.Feed.Traffic(first).Failures == 1 - saved);
    }

    [Theory]
    [InlineData("POST", 0)]
    [InlineData("POST", 10)]
    public async Task A_post_on_a_kept_connection_is_never_sent_twice(string method, int bodyBytes)
    {
        await using var world = await World.Start();
        var backend = await world.Backend("one");
        await world.Route(new WeightedPool(World.Pool(), 100, [World.At(backend.Port)]));
        await world.Text();

        using var content = bodyBytes == 0 ? null : new ByteArrayContent(new byte[bodyBytes]);
        using var response = await world.Send(new HttpMethod(method), "/break", content);

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("connection-broken", response.Headers.GetValues(Refusal.Header).Single());
        Assert.Equal(2, backend.Requests);
    }

    [Fact]
    public async Task A_small_body_is_sent_again_whole()
    {
        await using var world = await World.Start();
        var backend = await world.Backend("one");
        var body = new byte[RequestBody.HeldBytesMax];
        new Random(7).NextBytes(body);
        await world.Route(new WeightedPool(World.Pool(), 100, [World.At(World.ClosedPort()), World.At(backend.Port)]));

        for (var request = 0; request < 5; request++)
        {
            using var response = await world.Send(HttpMethod.Post, "/echo", new ByteArrayContent(body));
            Assert.Equal(body, await response.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task A_large_body_is_streamed_and_still_goes_elsewhere_when_nothing_of_it_was_read()
    {
        await using var world = await World.Start();
        var backend = await world.Backend("one");
        var body = new byte[5 * 1024 * 1024];
        new Random(8).NextBytes(body);
        await world.Route(new WeightedPool(World.Pool(), 100, [World.At(World.ClosedPort()), World.At(backend.Port)]));

        for (var request = 0; request < 3; request++)
        {
            using var response = await world.Send(HttpMethod.Post, "/echo", new StreamContent(new MemoryStream(body)));
            Assert.Equal(body, await response.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task An_answer_that_breaks_off_half_way_breaks_off_for_the_client_too()
    {
        await using var world = await World.Start();
        var backend = await world.Backend("one");
        var pool = World.Pool();
        await world.Route(new WeightedPool(pool, 100, [World.At(backend.Port)]));

        using var response = await world.Get("/break-half");
        backend.Release();
        await Assert.ThrowsAnyAsync<Exception>(response.Content.ReadAsStringAsync);

        await Eventually.True(() => world.Feed.Traffic(pool) is { Requests: 1, Failures: 1, InFlight: 0 });
    }

    [Fact]
    public async Task An_error_that_the_application_answers_is_its_answer()
    {
        await using var world = await World.Start();
        var backend = await world.Backend("one");
        var pool = World.Pool();
        await world.Route(new WeightedPool(pool, 100, [World.At(backend.Port)]));

        using var response = await world.Get("/error");

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.False(response.Headers.Contains(Refusal.Header));
        await Eventually.True(() => world.Feed.Traffic(pool) is { Requests: 1, Errors: 1, Failures: 0 });
        Assert.Equal(1, world.Feed.Traffic(pool).LatencyCounts.Sum());
    }

    [Fact]
    public async Task A_client_that_goes_away_is_no_failure_of_the_pool()
    {
        await using var world = await World.Start();
        var backend = await world.Backend("one");
        var pool = World.Pool();
        await world.Route(new WeightedPool(pool, 100, [World.At(backend.Port)]));
        using var impatient = new CancellationTokenSource();
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(world.Address, "/held"))
        {
            Headers = { Host = "production-web.shop.localhost" },
        };
        var held = world.Client.SendAsync(request, impatient.Token);
        await Eventually.True(() => backend.Requests == 1);

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);

        await Eventually.True(() => world.Feed.Traffic(pool) is { Requests: 1, Errors: 0, Failures: 0, InFlight: 0 });
    }
}
