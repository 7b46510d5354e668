using Fury.Compute.Contracts;
using Fury.Kernel;
using Fury.Testing;

namespace Fury.Compute.Serverless.Tests.Engine;

/// <summary>The engine on a real database over two clusters of different ages: the contract, and what clusters do to it.</summary>
public sealed class ServerlessComputeTests(ServerlessHost host) : ComputeEngineContract, IClassFixture<ServerlessHost>
{
    protected override IComputeEngine Engine => host.Engine;

    protected override Location Location { get; } = new(ServerlessHost.Provider, ServerlessHost.Region, "clusters");

    protected override ReleaseSpec GoodRelease(ScopeRef scope, int number) => Release(scope, number, new(CpuMillis: 100, MemoryMiB: 64));

    protected override ReleaseSpec BadRelease(ScopeRef scope) => Release(scope, 9, new(CpuMillis: 1_000_000, MemoryMiB: 64));

    protected override IReadOnlyList<PoolState> Told(PoolId pool) => host.News.TryGetValue(pool, out var news) ? [.. news] : [];

    private static ReleaseSpec Release(ScopeRef scope, int number, InstanceSize size) => new(
        ReleaseId.Parse($"{number:x16}"),
        scope,
        VersionName.Parse($"1.{number}.0"),
        new("file:///nowhere", $"sha256:{new string('0', 64)}", "run", []),
        new Dictionary<string, string>(),
        size,
        "/health");
}
