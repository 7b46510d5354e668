using Fury.Compute.Contracts;
using Fury.Kernel;
using Fury.Testing;

namespace Fury.Compute.Standard.Tests;

public sealed class FakeComputeEngineTests : ComputeEngineContract
{
    private readonly FakeComputeEngine _engine = new();

    protected override IComputeEngine Engine => _engine;

    protected override Location Location { get; } = new("local", "this-machine", "instances");

    protected override ReleaseSpec GoodRelease(ScopeRef scope, int number) => Releases.Of(scope, number);

    protected override ReleaseSpec BadRelease(ScopeRef scope)
    {
        var release = Releases.Of(scope, 9);
        _engine.CannotStart(release.Id, Fault.Invalid("There is no such executable."));
        return release;
    }

    protected override IReadOnlyList<PoolState> Told(PoolId pool) =>
        [.. _engine.News.Where(news => news.Pool.Id == pool).Select(news => news.Pool)];

    protected override Task Work(PoolId pool, InstanceId replica, long memoryBytes)
    {
        _engine.Use(pool, replica, cpuSeconds: 1, memoryBytes);
        return Task.CompletedTask;
    }

    protected override Task RunOutOfMemory(PoolId pool, InstanceId replica)
    {
        _engine.RunOutOfMemory(pool, replica);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Replicas_crash_and_recover_when_told()
    {
        var spec = Pool();
        await _engine.Ensure(spec, default);

        _engine.Crash(spec.Id);
        var crashed = (await _engine.Describe(spec.Id, default)).Value;
        _engine.BecomeReady(spec.Id);
        var recovered = (await _engine.Describe(spec.Id, default)).Value;

        Assert.Equal((0, 1), (crashed.Ready, crashed.Restarts));
        Assert.Equal((1, 1), (recovered.Ready, recovered.Restarts));
    }
}
