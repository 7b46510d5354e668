using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Policies;
using Fury.Testing;
using Fury.Xds;

namespace Fury.Mesh.Tests;

public sealed class PolicyTests : MeshTest
{
    private static readonly ScopeRef Web = MeshHost.Scope();
    private static readonly ScopeRef Api = MeshHost.Scope("api");

    [Fact]
    public async Task A_policy_reaches_a_proxy_and_the_same_again_reaches_nobody()
    {
        var pool = await Mesh.ReadyPool(Web);
        await Mesh.Publish(Web, 1, new PoolWeight(pool, 100));
        await using var proxy = await Mesh.Proxy("one").Connect(Web);
        await Eventually.True(() => proxy.Endpoints(Web, pool) == 1);
        var before = proxy.Versions();

        await Mesh.Policies.Keep(Web, new TrafficPolicy(RequestTimeoutMs: 1500), default);
        await Eventually.True(() => !proxy.Versions().SequenceEqual(before));
        var revision = Mesh.Feed.Revision;
        await Mesh.Policies.Keep(Web, new TrafficPolicy(RequestTimeoutMs: 1500), default);
        await Mesh.Feed.Refresh(default);

        Assert.Equal(revision, Mesh.Feed.Revision);
        Assert.Equal(1500, (await Mesh.Policies.Find(Web, default)).RequestTimeoutMs);
    }

    [Theory]
    [InlineData(0, "requestTimeoutMs")]
    [InlineData(-1, "requestTimeoutMs")]
    public void A_number_out_of_bounds_is_named(int timeout, string field) =>
        Assert.Equal(field, Assert.Single(PolicyRules.Check(new(RequestTimeoutMs: timeout))!.Fields).Field);

    [Fact]
    public void Every_wrong_field_is_named_at_once()
    {
        var policy = new TrafficPolicy(
            Retries: new(Attempts: 9, BudgetPercent: 0),
            Affinity: new("x-user", "session"),
            Mirror: new(MeshHost.Pool(), 101),
            Outliers: new(EjectionSeconds: 0),
            CircuitBreakers: new(MaxRequests: 0));

        Assert.Equal(
            ["retries.attempts", "retries.budgetPercent", "affinity", "mirror.percent", "outliers.ejectionSeconds", "circuitBreakers.maxRequests"],
            PolicyRules.Check(policy)!.Fields.Select(fault => fault.Field));
    }

    [Fact]
    public async Task What_is_declared_and_what_is_seen_is_what_a_scope_depends_on()
    {
        await Mesh.Dependencies.Declare(Web, [Api], forget: false, default);
        await Mesh.Dependencies.Saw(Web, [Api, MeshHost.Scope("worker")], default);
        await Mesh.Feed.Refresh(default);

        var found = await Mesh.Dependencies.Find(Web, default);
        Assert.Equal(["shop/production-api"], found.Declared);
        Assert.Equal(["shop/production-worker"], found.Seen);
        Assert.Equal(2, Mesh.Hub.Current.DependenciesOf(MeshNames.Of(Web)).Count);

        await Mesh.Dependencies.Declare(Web, [], forget: true, default);
        await Mesh.Feed.Refresh(default);
        Assert.Empty(Mesh.Hub.Current.DependenciesOf(MeshNames.Of(Web)));
    }

    [Fact]
    public async Task What_a_proxy_asks_for_by_name_is_seen_and_the_next_one_is_told_of_it()
    {
        await Mesh.Publish(Api, 1, new PoolWeight(await Mesh.ReadyPool(Api), 100));
        await Mesh.Feed.Refresh(default);
        await using var proxy = new TestProxy(Mesh.Xds.Address, "one")
        {
            Node = new() { Id = "one", Cluster = "shop/production-web", UserAgentName = MeshProtocol.SidecarAgent },
        };
        await proxy.Connect(Api);

        await Eventually.True(async () => (await Mesh.Dependencies.Find(Web, default)).Seen is ["shop/production-api"]);
    }
}
