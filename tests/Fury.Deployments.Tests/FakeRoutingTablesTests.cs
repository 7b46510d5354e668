using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Testing;

namespace Fury.Deployments.Tests;

public sealed class FakeRoutingTablesTests : RoutingTablesContract
{
    private readonly FakeRoutingTables _fake = new() { AutoApply = false };

    protected override IRoutingTables Tables => _fake;

    protected override Task Endpoints(PoolId pool, ScopeRef scope, int ready) => Do(() => _fake.Endpoints(pool, scope, ready));

    protected override Task Connect(string proxy) => Do(() => _fake.Connect(proxy));

    protected override Task Apply(string proxy, long version) => Do(() => _fake.Apply(proxy, version));

    protected override Task Report(string proxy, PoolTraffic traffic) => Do(() => _fake.Report(proxy, traffic));

    protected override Task Depend(ScopeRef scope, IReadOnlyList<ScopeRef> declared, IReadOnlyList<ScopeRef> seen) =>
        Do(() => _fake.Depend(scope, declared.Concat(seen)));

    private static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }
}
