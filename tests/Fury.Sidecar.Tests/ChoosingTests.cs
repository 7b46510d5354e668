using Fury.Kernel;
using Fury.Sidecar.Forwarding;
using Fury.Sidecar.Routing;
using Yarp.ReverseProxy.Forwarder;

namespace Fury.Sidecar.Tests;

public sealed class ChoosingTests
{
    private static readonly ScopeRef Scope = ScopeRef.Parse("shop/production-web");

    [Theory]
    [InlineData(1)]
    [InlineData(20261121)]
    public void Any_scope_and_any_history_give_an_untried_endpoint_or_none_when_none_is_left(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 20_000; round++)
        {
            var scope = AnyScope(random);
            var all = scope.Pools.SelectMany(pool => pool.Endpoints).ToList();
            var tried = all.Where(_ => random.Next(3) == 0).ToList();
            var last = random.Next(2) == 0 ? null : scope.Pools.ElementAtOrDefault(random.Next(3))?.Slot;
            var moveOn = random.Next(2) == 0;

            var choice = Choosing.Choose(scope, tried, moveOn ? null : last, moveOn ? last : null, now: 50, random);

            var left = all.Except(tried).ToList();
            Assert.True(choice is null == (left.Count == 0), $"seed {seed}, round {round}");
            if (choice is { } chosen)
            {
                Check(scope, chosen, left, moveOn ? null : last, moveOn ? last : null);
            }
        }
    }

    [Fact]
    public void A_retry_stays_in_its_pool_and_then_moves_on()
    {
        var scope = AnyScope(new Random(3));
        Assert.True(Endings.MayRetry(Ending.NotSent, "POST", canReplay: true, responseStarted: false, attempts: 1));
        Assert.False(Endings.MayRetry(Ending.NotSent, "POST", canReplay: false, responseStarted: false, attempts: 1));
        Assert.False(Endings.MayRetry(Ending.NotSent, "GET", canReplay: true, responseStarted: false, Endings.AttemptsMax));
        Assert.False(Endings.MayRetry(Ending.Broken, "GET", canReplay: true, responseStarted: true, attempts: 1));
        Assert.False(Endings.MayRetry(Ending.TimedOut, "GET", canReplay: true, responseStarted: false, attempts: 1));
        Assert.NotEmpty(scope.Hosts);
    }

    [Fact]
    public void Every_error_of_the_forwarder_has_an_ending_and_only_a_broken_answer_is_blamed_on_the_pool_once_the_client_has_left()
    {
        foreach (var error in Enum.GetValues<ForwarderError>().Where(error => error is not ForwarderError.None))
        {
            Assert.NotEqual(Ending.NotSent, Endings.Of(error, new IOException("any"), clientLeft: false));
            Assert.Equal(error is ForwarderError.ResponseBodyDestination, Endings.Of(error, null, clientLeft: true) is Ending.Broken);
        }

        var refused = new HttpRequestException("outer", new ConnectFailedException("refused", null));
        Assert.Equal(Ending.NotSent, Endings.Of(ForwarderError.Request, refused, clientLeft: false));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(1.01, 1)]
    [InlineData(2, 2)]
    [InlineData(65_536, 32)]
    [InlineData(65_537, 33)]
    public void A_latency_falls_into_the_first_bucket_whose_bound_it_does_not_pass(double milliseconds, int bucket) =>
        Assert.Equal(bucket, LatencyBuckets.IndexOf(milliseconds));

    private static void Check(RoutedScope scope, Choice chosen, List<EndpointSlot> left, PoolSlot? stay, PoolSlot? leave)
    {
        Assert.Contains(chosen.Endpoint, left);
        Assert.Contains(chosen.Endpoint, chosen.Pool.Endpoints);
        var open = scope.Pools.Where(pool => pool.Endpoints.Any(left.Contains)).ToList();
        if (open.Any(pool => pool.Slot == stay))
        {
            Assert.Same(stay, chosen.Pool.Slot);
        }
        else
        {
            var others = open.Where(pool => pool.Slot != leave).ToList();
            var eligible = others.Count > 0 ? others : open;
            Assert.Contains(chosen.Pool, eligible);
            Assert.True(chosen.Pool.Weight > 0 || eligible.All(pool => pool.Weight == 0));
        }

        // Time is 50 for the choice: what is set aside until 100 is taken only when the pool has nothing better.
        if (chosen.Endpoint.IsSetAside(50))
        {
            Assert.All(chosen.Pool.Endpoints.Where(left.Contains), endpoint => Assert.True(endpoint.IsSetAside(50)));
        }
    }

    private static RoutedScope AnyScope(Random random)
    {
        var pools = Enumerable.Range(0, random.Next(4)).Select(_ =>
        {
            var endpoints = Enumerable.Range(0, random.Next(4)).Select(port => AnyEndpoint(random, port)).ToArray();
            return new RoutedPool(new PoolSlot(PoolId.New(TimeProvider.System), HttpTransformer.Default), random.Next(3) * 50, endpoints);
        });
        return new RoutedScope(Scope, ["production-web.shop.localhost"], [.. pools]);
    }

    private static EndpointSlot AnyEndpoint(Random random, int port)
    {
        var slot = new EndpointSlot(new Endpoint("127.0.0.1", port));
        if (random.Next(3) == 0)
        {
            slot.SetAside(100);
        }

        return slot;
    }
}
