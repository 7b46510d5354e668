using Fury.Mesh.Contracts;
using Fury.Mesh.Xds;
using Fury.Testing;
using Fury.Xds;

namespace Fury.Mesh.Tests;

/// <summary>What is rendered for gRPC is taken by both of its own clients; what is not taken does no harm.</summary>
[Collection(Alone.Name)]
public sealed class RenderedForClientsTests : MeshTest
{
    [Fact]
    public async Task Every_part_of_a_policy_is_taken_and_may_change_under_load()
    {
        await using var world = await RealClients.Start(Mesh);
        await world.Shift(50);
        var everything = new TrafficPolicy(
            RequestTimeoutMs: 30_000,
            Http2: true,
            Preview: true,
            Retries: new(2, 20, 1000),
            Affinity: new(Header: "x-user"),
            Mirror: new(world.GreenPool, 10),
            Outliers: new(),
            CircuitBreakers: new());
        TrafficPolicy[] policies = [everything, everything with { Affinity = new(Cookie: "user") }, everything with { Affinity = null }, TrafficPolicy.Default];
        foreach (var policy in policies)
        {
            await Mesh.Policies.Keep(RealClients.Scope, policy, default);
            await world.Converged();
            await world.Answered(100);
            world.AssertNothingFailed();
        }

        await world.Stop();
    }

    [Fact]
    public async Task A_call_that_names_its_pool_goes_there_whatever_the_weights()
    {
        await using var world = await RealClients.Start(Mesh);
        await Mesh.Policies.Keep(RealClients.Scope, new TrafficPolicy(Preview: true), default);
        await world.Converged();

        await world.Send("x-fury-pool", $"{world.GreenPool}");
        await Task.WhenAll(world.Clients.Select(client => client.Until(calls => calls.Answers.GetValueOrDefault("green") > 20)));

        await world.Shift(0);
        var before = world.Clients.ToDictionary(client => client.Name, client => client.Calls.Answers["blue"]);
        await world.Send("cookie", $"other=1; fury-pool={world.BluePool}");
        await Task.WhenAll(world.Clients.Select(client => client.Until(calls => calls.Answers["blue"] > before[client.Name] + 100)));

        await world.Stop();
    }

    [Fact]
    public async Task An_empty_table_is_taken_and_the_next_one_serves_again()
    {
        await using var world = await RealClients.Start(Mesh);
        await Mesh.Publish(RealClients.Scope, 1);
        await world.Converged();
        await Task.WhenAll(world.Clients.Select(client => client.Until(calls => calls.Failed > 0)));

        await world.Shift(50);
        await world.Answered(200);

        Assert.All(world.Clients, client => Assert.All(client.Calls.Errors, error => Assert.StartsWith("UNAVAILABLE", error, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_refused_route_is_told_of_in_the_clients_words_fails_no_call_and_the_next_good_one_recovers()
    {
        await using var world = await RealClients.Start(Mesh);
        var scope = MeshNames.Of(RealClients.Scope);
        var now = Mesh.Hub.Current;
        var good = now.Scopes[scope];

        // They add up to more than the wire's numbers hold. No table like this gets into the database.
        var pools = good.Scope.Pools.Zip(new decimal[] { uint.MaxValue / 100, 1 }, (pool, weight) => pool with { Weight = weight });
        var bad = new ScopeEntry(good.Scope with { Pools = [.. pools] }, good);
        Mesh.Hub.Apply(new(now with { Scopes = now.Scopes.SetItem(scope, bad) }, [scope], []));
        IReadOnlyList<ProxyState> waiting = [];
        await Eventually.True(
            async () => (waiting = (await Mesh.Tables.Converged(RealClients.Scope, now.Revision, TimeSpan.Zero, default)).Waiting)
                .Count(proxy => proxy.Stage == ProxyStage.Rejected) == world.Clients.Count,
            RealClients.Patience);

        Assert.Contains("incorrect total weight", Assert.Single(waiting, proxy => proxy.Proxy == "grpc-core").Detail, StringComparison.Ordinal);
        Assert.Contains("sum of weights is greater than", Assert.Single(waiting, proxy => proxy.Proxy == "grpc-js").Detail, StringComparison.Ordinal);
        await world.Answered(200);
        world.AssertNothingFailed();

        await world.Shift(0);
        await world.Answered(200);
        await world.Stop();
    }
}
