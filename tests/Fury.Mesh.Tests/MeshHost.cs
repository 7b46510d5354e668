using Fury.Compute.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Dependencies;
using Fury.Mesh.Feed;
using Fury.Mesh.Policies;
using Fury.Mesh.Proxies;
using Fury.Mesh.Xds;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Fury.Mesh.Tests;

/// <summary>The mesh of one host, and the engine and proxies that a test plays to it.</summary>
internal sealed class MeshHost(IServiceProvider services)
{
    public IRoutingTables Tables => services.GetRequiredService<IRoutingTables>();

    public XdsServer Xds => services.GetRequiredService<XdsServer>();

    public RoutingFeed Feed => services.GetRequiredService<RoutingFeed>();

    public XdsHub Hub => services.GetRequiredService<XdsHub>();

    public ProxyBookProbe Book => new(services.GetRequiredService<ProxyBook>());

    public PolicyStore Policies => services.GetRequiredService<PolicyStore>();

    public DependencyStore Dependencies => services.GetRequiredService<DependencyStore>();

    public ProxyStore Proxies => services.GetRequiredService<ProxyStore>();

    public INode Node => services.GetRequiredService<INode>();

    public IDatabase Database => services.GetRequiredService<IDatabase>();

    public static ScopeRef Scope(string name = "web") => ScopeRef.Parse($"shop/production-{name}");

    public static PoolId Pool() => PoolId.New(TimeProvider.System);

    /// <summary>Of every replica that a test makes up.</summary>
    public const int Port = 8080;

    public static string AddressOf(InstanceId replica) => $"127.9.0.{BitConverter.ToInt32(replica.Value.ToByteArray())}";

    public static PoolState PoolState(
        PoolId pool, ScopeRef scope, int ready, long revision, PoolPhase phase = PoolPhase.Active, int restarts = 0)
    {
        var release = new ReleaseSpec(
            ReleaseId.Parse("0123456789abcdef"),
            scope,
            VersionName.Parse("1.0.0"),
            new Artifact("file:///nowhere", "sha256:" + new string('0', 64), "run", []),
            new Dictionary<string, string>(),
            new InstanceSize(100, 64),
            "/health");
        var replicas = Enumerable.Range(1, ready).Select(number => new ReplicaState(
            RoutingTablesContract.Replica(pool, number), ReplicaPhase.Ready, AddressOf(RoutingTablesContract.Replica(pool, number)), Port, restarts, null));
        var spec = new PoolSpec(pool, release, new Location("local", "this-machine", "instances"), ready, 0, 1000);
        return new PoolState(spec, phase, [.. replicas], revision);
    }

    /// <summary>The engine tells.</summary>
    public Task Tell(PoolState pool) =>
        services.GetRequiredService<IEventListener<PoolChanged>>().Handle(new PoolChanged(pool), CancellationToken.None);

    public async Task<PoolId> ReadyPool(ScopeRef scope, int ready = 1)
    {
        var pool = Pool();
        await Tell(PoolState(pool, scope, ready, revision: 1));
        return pool;
    }

    public async Task<RoutingTable> Publish(ScopeRef scope, long fence, params PoolWeight[] pools)
    {
        var published = await Tables.Publish(scope, pools, fence, CancellationToken.None);
        Assert.True(published.IsOk, published.Fault?.ToString());
        return published.Value;
    }

    /// <summary>A proxy that connects to this host.</summary>
    public TestProxy Proxy(string name) => new(Xds.Address, name);

    /// <summary>Lets a host whose background does not run take proxies, with what is published by now, and put on record what it knows of them.</summary>
    public async Task<MeshHost> Serve()
    {
        await Feed.Refresh(default);
        await Xds.StartAsync(default);
        await services.GetServices<IHostedService>().OfType<ProxyRecorder>().Single().StartAsync(default);
        return this;
    }

    public async Task Stop()
    {
        await Xds.StopAsync(default);
        await services.GetServices<IHostedService>().OfType<ProxyRecorder>().Single().StopAsync(default);
    }
}

/// <summary>What a host knows of its proxies.</summary>
internal sealed class ProxyBookProbe(ProxyBook book)
{
    public long? LastReportAt(string proxy) => book.LastReport(proxy)?.EndedAt;
}
