using System.Net;
using Fury.Kernel;
using Fury.Sidecar.Forwarding;
using Fury.Sidecar.Routing;
using Fury.Testing;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Fury.Sidecar.Tests;

/// <summary>Requests of a scope that may sleep are held until it has an endpoint; all others are refused at once.</summary>
public sealed class HoldingTests
{
    private static readonly TrafficRules Sleepy = new() { Holds = true };

    [Fact]
    public async Task Requests_are_held_and_reported_while_there_is_no_endpoint_and_go_on_when_there_is_one()
    {
        await using var world = await World.Start();
        var (pool, backend) = (World.Pool(), await world.Backend("woken"));
        await world.Route(Sleepy, new WeightedPool(pool, 100, []));

        var held = Enumerable.Range(0, 20).Select(number => number % 2 == 0 ? world.Text() : Post(world, $"body {number}")).ToList();
        await Eventually.True(() => world.Feed.Traffic(pool).Waiting == 20);
        Assert.All(held, one => Assert.False(one.IsCompleted));
        await world.Route(Sleepy, new WeightedPool(pool, 100, [World.At(backend.Port)]));

        var answers = await Task.WhenAll(held);
        Assert.Equal(10, answers.Count(answer => answer == "woken"));
        Assert.Equal(10, answers.Count(answer => answer.StartsWith("body ", StringComparison.Ordinal)));
        await Eventually.True(() => world.Feed.Traffic(pool) is { Waiting: 0, InFlight: 0, Requests: 20, Failures: 0 });
    }

    [Fact]
    public async Task A_scope_that_may_not_sleep_fails_at_once()
    {
        await using var world = await World.Start();
        var pool = World.Pool();
        await world.Route(new WeightedPool(pool, 100, []));

        using var response = await world.Get();

        AssertRefused(response, "no-ready-endpoint");
        Assert.Null(response.Headers.RetryAfter);
        Assert.Equal(0, world.Feed.Traffic(pool).Waiting);
    }

    [Fact]
    public async Task Requests_that_are_held_are_refused_when_the_scope_may_not_sleep_any_more_or_nothing_serves_it()
    {
        await using var world = await World.Start();
        var pool = World.Pool();
        await world.Route(Sleepy, new WeightedPool(pool, 100, []));
        var first = world.Get();
        await Eventually.True(() => world.Feed.Traffic(pool).Waiting == 1);
        await world.Route(new WeightedPool(pool, 100, []));
        using var refused = await first;

        await world.Route(Sleepy, new WeightedPool(pool, 100, []));
        var second = world.Get();
        await Eventually.True(() => world.Feed.Traffic(pool).Waiting == 1);
        await world.Route(Sleepy);
        using var unserved = await second;

        AssertRefused(refused, "no-ready-endpoint");
        AssertRefused(unserved, "no-pool");
        await Eventually.True(() => world.Feed.Traffic(pool).Waiting == 0);
    }

    [Fact]
    public async Task A_request_whose_endpoint_goes_to_sleep_before_it_could_connect_is_held_too()
    {
        await using var world = await World.Start();
        var (pool, backend) = (World.Pool(), await world.Backend("woken"));
        await world.Route(Sleepy, new WeightedPool(pool, 100, [World.At(World.ClosedPort())]));

        // The endpoint is gone and the routes do not know it yet.
        var held = Post(world, "body");
        await Eventually.True(() => world.Feed.Traffic(pool).Waiting == 1);
        await world.Route(Sleepy, new WeightedPool(pool, 100, []));
        await world.Route(Sleepy, new WeightedPool(pool, 100, [World.At(backend.Port)]));

        Assert.Equal("body", await held);
    }

    [Fact]
    public async Task Endpoints_that_cannot_be_connected_to_and_stay_are_waited_for_a_moment_only()
    {
        await using var world = await World.Start();
        await world.Route(Sleepy, new WeightedPool(World.Pool(), 100, [World.At(World.ClosedPort())]));
        var begun = TimeProvider.System.GetTimestamp();

        using var response = await world.Get();

        AssertRefused(response, "connect-failed");
        Assert.True(TimeProvider.System.GetElapsedTime(begun) < Stay.PatienceMax / 2);
    }

    [Fact]
    public async Task A_client_that_leaves_takes_its_place_along()
    {
        await using var world = await World.Start();
        var pool = World.Pool();
        await world.Route(Sleepy, new WeightedPool(pool, 100, []));
        using var leaving = new CancellationTokenSource();
        var request = new HttpRequestMessage(HttpMethod.Get, world.Address);
        request.Headers.Host = "production-web.shop.localhost";

        var held = world.Client.SendAsync(request, leaving.Token);
        await Eventually.True(() => world.Feed.Traffic(pool).Waiting == 1);
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);
        await Eventually.True(() => world.Feed.Traffic(pool) is { Waiting: 0, Requests: 0 });
    }

    [Fact]
    public async Task The_scopes_own_timeout_holds_while_a_request_waits()
    {
        await using var world = await World.Start();
        await world.Route(Sleepy with { Timeout = TimeSpan.FromMilliseconds(300) }, new WeightedPool(World.Pool(), 100, []));

        using var response = await world.Get();

        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Equal("timed-out", response.Headers.GetValues(Refusal.Header).Single());
    }

    [Fact]
    public async Task More_requests_than_there_are_places_are_told_when_to_come_back()
    {
        await using var world = await World.Start();
        var pool = World.Pool();
        await world.Route(Sleepy, new WeightedPool(pool, 100, []));
        var all = Enumerable.Range(0, Holds.RequestsPerScopeMax).Select(_ => world.Get()).ToList();
        await Eventually.True(() => world.Feed.Traffic(pool).Waiting == Holds.RequestsPerScopeMax, TimeSpan.FromSeconds(25));

        using var response = await world.Get();

        AssertRefused(response, "too-many-waiting");
        Assert.Equal(TimeSpan.FromSeconds(5), response.Headers.RetryAfter?.Delta);
        Assert.Contains("shop/production-web is being woken", await response.Content.ReadAsStringAsync());
        await world.Route(Sleepy);
        await Task.WhenAll(all);
    }

    [Fact]
    public async Task A_request_is_held_for_so_long_and_not_longer()
    {
        var (holds, context, clock) = (new Holds(), new DefaultHttpContext(), new HastyClock());
        var slot = new PoolSlot(World.Pool(), HttpTransformer.Default);
        var scope = new RoutedScope(World.Scope, [], [new(slot, 100, [])]) { Rules = Sleepy };
        var begun = clock.GetTimestamp();
        using (var stay = new Stay(holds, clock, context, await RequestBody.Take(context), default))
        {
            Assert.True(stay.MayBe(scope));
            Assert.Null(await stay.Wait(scope)); // It has a place now, and looks at the routes once more.
            var refusal = await stay.Wait(scope);

            Assert.Equal(("not-awake", 5), (refusal?.Code, refusal?.RetryAfterSeconds));
            Assert.True(clock.GetElapsedTime(begun) >= Stay.PatienceMax);
            Assert.Equal(1, slot.Read().Waiting);
        }

        Assert.Equal(0, slot.Read().Waiting);
    }

    [Fact]
    public void What_is_held_has_a_bound_in_bytes_over_all_scopes()
    {
        var holds = new Holds();
        var pool = new PoolSlot(World.Pool(), HttpTransformer.Default);
        var places = Enumerable.Range(0, 63)
            .Select(number => holds.Enter(ScopeRef.Parse($"shop/production-web{number}"), pool, 1 << 20)).ToList();

        Assert.DoesNotContain(null, places);
        Assert.Null(holds.Enter(World.Scope, pool, 1 << 20));
        places[0]!.Dispose();
        Assert.NotNull(holds.Enter(World.Scope, pool, 1 << 20));
    }

    /// <summary>A hundred seconds pass in one.</summary>
    private sealed class HastyClock : TimeProvider
    {
        private const int Haste = 100;

        public override long TimestampFrequency => System.TimestampFrequency / Haste;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, dueTime / Haste, Timeout.InfiniteTimeSpan);
    }

    private static void AssertRefused(HttpResponseMessage response, string code)
    {
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(code, response.Headers.GetValues(Refusal.Header).Single());
    }

    private static async Task<string> Post(World world, string body)
    {
        using var response = await world.Send(HttpMethod.Post, "/echo", new StringContent(body));
        return await response.Content.ReadAsStringAsync();
    }
}
