using Fury.Kernel;
using Fury.Sidecar.Routing;
using Yarp.ReverseProxy.Forwarder;

namespace Fury.Sidecar.Tests;

public sealed class LiveRoutesTests
{
    private const string Host = "production-web.shop.localhost";
    private const int Rounds = 200;

    /// <summary>What <see cref="LiveRoutes.Swap"/> promises, under threads that do nothing but choose.</summary>
    [Fact]
    public async Task After_a_swap_only_requests_that_are_in_flight_were_routed_by_the_older_model()
    {
        var routes = new LiveRoutes(TimeProvider.System, Random.Shared); // tidy: many threads draw at once, and there is nothing to draw from
        var (blue, green) = (Pool(1), Pool(2));
        var models = new[] { Model(1, blue), Model(2, green) };
        var chosen = new long[2];
        var turns = new long[2];
        routes.Swap(models[0]);
        using var stop = new CancellationTokenSource();
        var choosers = Enumerable.Range(0, turns.Length).Select(chooser => Task.Factory.StartNew(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                var choice = routes.TryEnter(Host, default, [], null, null, out _)!.Value;
                Interlocked.Increment(ref chosen[choice.Pool == blue ? 0 : 1]);
                LiveRoutes.Leave(choice);
                Interlocked.Increment(ref turns[chooser]);
            }
        }, TaskCreationOptions.LongRunning)).ToList();

        for (var round = 1; round <= Rounds; round++)
        {
            var (older, slot) = ((round + 1) % 2, (round % 2 == 1 ? blue : green).Slot);
            routes.Swap(models[round % 2]);

            // In this order: one that is noted and leaves between the two looks must not be missing in both.
            var inFlight = slot.InFlight;
            var before = Interlocked.Read(ref chosen[older]);

            // Two turns of each chooser later, whoever had looked at the older model has come out.
            var passed = turns.ToArray();
            SpinWait.SpinUntil(() => Enumerable.Range(0, turns.Length).All(one => Interlocked.Read(ref turns[one]) >= passed[one] + 2));
            var after = Interlocked.Read(ref chosen[older]);
            Assert.True(after - before <= inFlight, $"round {round}: {after - before} by the older model, {inFlight} in flight");
        }

        await stop.CancelAsync();
        await Task.WhenAll(choosers);
        Assert.Equal((0, 0), (blue.Slot.InFlight, green.Slot.InFlight));
    }

    private static RoutedPool Pool(int port) => new(
        new PoolSlot(PoolId.New(TimeProvider.System), HttpTransformer.Default),
        100,
        [new EndpointSlot(new Endpoint("127.0.0.1", port))]);

    private static RoutingModel Model(long version, RoutedPool pool)
    {
        var scope = new RoutedScope(ScopeRef.Parse("shop/production-web"), [Host], [pool]);
        var empty = RoutingModel.Unloaded;
        return new(version, empty.ByHost.Add(Host, scope), empty.ByScope.Add(scope.Scope, scope));
    }
}
