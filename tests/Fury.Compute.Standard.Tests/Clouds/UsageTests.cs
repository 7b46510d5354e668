using Fury.Agent.Wire;
using Fury.Compute.Contracts;
using Fury.Compute.Standard.Agents;
using Fury.Compute.Standard.Autoscaling;
using Fury.Compute.Standard.Pools;
using Fury.Compute.Standard.Usage;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Providers.Contracts;
using Fury.Testing;

namespace Fury.Compute.Standard.Tests.Clouds;

/// <summary>What replicas in clouds use: agents tell any host, and the one that scales their pool asks no agent and no cloud for it.</summary>
public sealed class UsageTests(CloudsHost host) : IClassFixture<CloudsHost>
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid Boot = Guid.CreateVersion7(Noon);

    [Fact]
    public async Task The_cpu_of_a_pool_comes_from_the_reports_of_its_agents_and_counts_between_the_moments_that_they_say()
    {
        var instances = await Running("cpu");
        var metric = new CpuMetric(host.Get<UsageReader>(), host.Get<IPoolStore>(), TimeProvider.System);
        await Tell(instances, sequence: 1, cpuSeconds: 10);
        Assert.Empty(await Read());

        // 5 of 25 s of a core, where a replica has a tenth of one: each of the two replicas uses twice its size.
        await Tell(instances, sequence: 2, cpuSeconds: 15, after: 25);
        Assert.Equal(400, (await Read()).Single().Value, 3);

        // Nothing new was told, and an agent that was started again begins anew.
        Assert.Equal(400, (await Read()).Single().Value, 3);
        await Tell(instances[..1], sequence: 3, cpuSeconds: 0.1, after: 50);
        Assert.Equal(400, (await Read()).Single().Value, 3);
        await Tell(instances, sequence: 4, cpuSeconds: 15.5, after: 75);
        Assert.NotEqual(400, (await Read()).Single().Value, 3);

        Task<IReadOnlyDictionary<PoolId, double>> Read() => metric.Read("cpu", [PoolOf(instances)], default);
    }

    [Fact]
    public async Task The_newest_report_counts_whichever_host_heard_it_and_in_whatever_order_they_write()
    {
        var instances = await Running("order");
        var (store, one) = (host.Get<UsageStore>(), instances[0]);
        await store.Keep([Report(one, 7, 70, 7)], default);
        await store.Keep([Report(one, 6, 60, 6), Report(instances[1], 1, 1, 1)], default);

        var lots = instances.Select(LotOf).Distinct().ToList();
        Assert.Equal([1.0, 70.0], (await store.Find(lots, default)).Select(told => told.Usage.CpuSeconds).Order());

        await store.Keep([Report(one, 1, 2, 8) with { Boot = Guid.CreateVersion7(Noon.AddDays(1)) }], default);
        var used = await host.Engine.Usage([PoolOf(instances)], default);
        Assert.Equal([1.0, 2.0], used.Select(replica => replica.CpuSeconds).Order());
        Assert.Equal(Noon.AddSeconds(8), used.Max(replica => replica.At));
        Assert.Empty(await store.Find([Guid.NewGuid()], default));
    }

    private static PoolId PoolOf(List<ProviderInstance> instances) => new(Guid.Parse(instances[0].Tags["fury-pool"]));

    private static Guid LotOf(ProviderInstance instance) => Guid.Parse(instance.Tags[AgentPaths.LotTag]);

    private static AgentReport Report(ProviderInstance instance, long sequence, double cpuSeconds, double after) => new(
        instance.Tags[AgentPaths.LotTag],
        instance.Id[(instance.Id.IndexOf('/', StringComparison.Ordinal) + 1)..],
        Boot,
        sequence,
        Noon.AddSeconds(after),
        new(AgentPhase.Healthy, null, 0, null),
        new(cpuSeconds, 1 << 20, 0));

    private async Task<List<ProviderInstance>> Running(string name)
    {
        var spec = new PoolSpec(
            PoolId.New(TimeProvider.System), Releases.Of(ScopeRef.Parse($"shop/test-{name}"), 1), new("area", CloudsHost.Area, "instances"), 2, 0, 5);
        await host.Engine.Ensure(spec, default);
        await Eventually.True(async () => (await host.Engine.Describe(spec.Id, default)).Value.Ready == 2, deadline: TimeSpan.FromSeconds(60));
        return [.. await host.Running(spec.Id)];
    }

    /// <summary>Tells it to this host, and waits until it is kept.</summary>
    private async Task Tell(List<ProviderInstance> instances, long sequence, double cpuSeconds, double after = 0)
    {
        foreach (var instance in instances)
        {
            Assert.True((await host.Get<IAgentReports>().Take(Report(instance, sequence, cpuSeconds, after), default)).IsOk);
        }

        await host.Get<IEnumerable<IReconciler>>().OfType<UsageReconciler>().Single().Pass(0, default);
        await Eventually.True(async () =>
            (await host.Engine.Usage([PoolOf(instances)], default)).Count(used => used.At == Noon.AddSeconds(after)) == instances.Count);
    }
}
