using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Testing;

namespace Fury.Mesh.Tests;

/// <summary>What deployments rely on, on the real database.</summary>
public sealed class RoutingTablesTests : RoutingTablesContract, IAsyncLifetime
{
    private readonly TestDatabase<MeshModule> _database = new();
    private readonly Dictionary<string, TestProxy> _proxies = [];

    protected override IRoutingTables Tables => Mesh.Tables;

    private MeshHost Mesh => new(_database.Services);

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        await _database.StartHosted();
        await Mesh.Feed.Refresh(default);
    }

    public async Task DisposeAsync()
    {
        foreach (var proxy in _proxies.Values)
        {
            await proxy.DisposeAsync();
        }

        await _database.DisposeAsync();
    }

    protected override Task Endpoints(PoolId pool, ScopeRef scope, int ready) => Mesh.Tell(MeshHost.PoolState(pool, scope, ready, revision: 1));

    protected override async Task Connect(string proxy)
    {
        _proxies[proxy] = await Mesh.Proxy(proxy).Connect(Scope);
        _proxies[proxy].Hold = true;
    }

    protected override async Task Apply(string proxy, long version)
    {
        _proxies[proxy].Hold = false;
        await Eventually.True(async () =>
            (await Tables.Converged(Scope, version, TimeSpan.Zero, default)).Waiting.All(waiting => waiting.Proxy != proxy));
        _proxies[proxy].Hold = true;
    }

    protected override async Task Depend(ScopeRef scope, IReadOnlyList<ScopeRef> declared, IReadOnlyList<ScopeRef> seen)
    {
        await Mesh.Dependencies.Declare(scope, declared, forget: false, default);
        await Mesh.Dependencies.Saw(scope, seen, default);
    }

    /// <summary>And goes on reporting that as much is in flight, as proxies do.</summary>
    protected override async Task Report(string proxy, PoolTraffic traffic)
    {
        await Mesh.Feed.Refresh(default);
        await _proxies[proxy].ReportOnAndOn(Mesh.Book, traffic);
    }
}
