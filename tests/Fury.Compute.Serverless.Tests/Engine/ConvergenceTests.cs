using Fury.Compute.Contracts;
using Fury.Compute.Serverless.Pools;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Fury.Compute.Serverless.Tests.Engine;

/// <summary>
/// What goes wrong between the platform and its clusters, while wishes change. In the end as many replicas are ready on record as are wanted, the pods in
/// the clusters are these and no others, and each is there once.
/// </summary>
[Collection(ServerlessHost.Shared)]
public sealed class ConvergenceTests(ServerlessHost host) : IDisposable
{
    private static readonly string[] Here = ["one", "two"];

    /// <summary>The holder of a lease that was lost is followed within 5 s, and whoever follows the placer waits for each cluster to prove itself.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private IPoolStore Store => host.Get<IPoolStore>();

    [Fact]
    public async Task Watches_that_are_cut_again_and_again()
    {
        var spec = await Wish(Spec(2));
        await Settled(spec);

        foreach (var replicas in (int[])[4, 1, 5, 2, 3])
        {
            Each(cluster => cluster.Faults.CutWatches());
            spec = await Wish(spec with { Replicas = replicas });
        }

        await Settled(spec);
    }

    [Fact]
    public async Task A_history_that_is_forgotten_while_replicas_go()
    {
        // In one cluster, so that only a watch can tell that it shrinks.
        var shrinks = await Wish(Spec(4) with { Location = new(ServerlessHost.Provider, ServerlessHost.Region, "one") });
        var goes = await Wish(Spec(4));
        await Settled(shrinks);
        await Settled(goes);

        // Nobody can watch or look while replicas go, and then nobody remembers that they went.
        Each(cluster => cluster.Faults.FailNext(503, count: 100_000, verb: "watch"));
        Each(cluster => cluster.Faults.FailNext(503, count: 100_000, verb: "list", resource: "pods"));
        Each(cluster => cluster.Faults.CutWatches());
        shrinks = await Wish(shrinks with { Replicas = 1 });
        await host.Engine.Retire(goes.Id, default);
        await Eventually.True(() => PodsOf(shrinks.Id).Count == 1 && PodsOf(goes.Id).Count == 0, Patience);
        Assert.Equal(4, (await Store.Find(shrinks.Id, default))!.Replicas.Count);
        Each(cluster => cluster.ForgetHistory());
        Each(cluster => cluster.Faults.Clear());

        await Settled(shrinks);
        await Retired(goes);
    }

    [Fact]
    public async Task An_API_server_that_dies_and_comes_back()
    {
        var spec = await Wish(Spec(2));
        var before = await Settled(spec);

        await host.Clusters["one"].Kill();
        spec = await Wish(spec with { Replicas = 4 });
        await host.Clusters["one"].Revive();
        var grown = await Settled(spec);

        Assert.All(before.Replicas, replica => Assert.Contains(grown.Replicas, after => after.Id == replica.Id));
    }

    [Fact]
    public async Task Three_of_ten_requests_that_are_refused()
    {
        Each(cluster => (cluster.Faults.RetryAfterSeconds, cluster.Faults.TooManyRequestsShare) = (0, 0.3));
        var specs = await Task.WhenAll(Enumerable.Range(0, 12).Select(index => Wish(Spec(1 + (index % 4)))));
        foreach (var spec in specs)
        {
            await Settled(spec);
        }

        for (var index = 0; index < specs.Length; index++)
        {
            specs[index] = await Wish(specs[index] with { Replicas = 4 - (index % 4) });
        }

        await host.Engine.Retire(specs[0].Id, default);
        await Retired(specs[0]);
        foreach (var spec in specs.Skip(1))
        {
            await Settled(spec);
        }

        Assert.All(Here, name => Assert.True(host.Clusters[name].Faults.Answers.GetValueOrDefault(429) > 0, $"'{name}' has refused nothing."));
    }

    [Fact]
    public async Task Clocks_that_differ_by_hours()
    {
        var spec = await Wish(Spec(2));
        var before = await Settled(spec);

        host.Clusters["one"].ShiftClock(TimeSpan.FromHours(2));
        host.Clusters["two"].ShiftClock(TimeSpan.FromHours(-3));
        spec = await Wish(spec with { Replicas = 5 });
        var grown = await Settled(spec);
        var fresh = await Wish(Spec(3));
        await Settled(fresh);
        spec = await Wish(spec with { Replicas = 2 });
        await Settled(spec);
        await host.Engine.Retire(fresh.Id, default);
        await Retired(fresh);

        Assert.All(before.Replicas, replica => Assert.Contains(grown.Replicas, after => after.Id == replica.Id));
    }

    [Fact]
    public async Task Two_hosts_that_both_believe_that_they_hold_the_leases()
    {
        var spec = await Wish(Spec(2));
        await Settled(spec);
        await using var other = host.BuildServices(UnshakenLeases.Replace);
        var believed = ((UnshakenLeases)other.GetRequiredService<ILeases>()).Believed;
        var background = other.GetServices<IHostedService>().ToList();
        foreach (var part in background)
        {
            await part.StartAsync(default);
        }

        // The first host loses all that it holds to the other, gets it back, and the other does not notice.
        const string Placing = PoolReconciler.ReconcilerName;
        while (!believed.ContainsKey(Placing) || !Here.All(name => believed.ContainsKey($"serverless.cluster/{name}")))
        {
            await Execute("update hosting.lease set expires_at = '-infinity' where name like 'serverless.%'");
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }

        await Eventually.True(async () => await TokenOf(Placing) > believed[Placing], Patience);
        var specs = await Task.WhenAll(Enumerable.Range(0, 8).Select(index => Wish(Spec(1 + (index % 3)), index % 2 == 0 ? null : other)));
        spec = await Wish(spec with { Replicas = 4 }, other);
        foreach (var one in specs.Append(spec))
        {
            await Settled(one);
        }

        await host.Engine.Retire(specs[0].Id, default);
        await Retired(specs[0]);
        Assert.True(believed.ContainsKey(Placing), "The other host has noticed.");
        foreach (var part in background)
        {
            await part.StopAsync(default);
        }
    }

    public void Dispose() => Each(cluster =>
    {
        cluster.Faults.Clear();
        cluster.ShiftClock(TimeSpan.Zero);
    });

    private static PoolSpec Spec(int replicas) => new(
        PoolId.New(TimeProvider.System),
        ServerlessComputeTests.Release(ScopeRef.Parse("shop/test-convergence"), 1, new(CpuMillis: 100, MemoryMiB: 64)),
        new(ServerlessHost.Provider, ServerlessHost.Region, "clusters"),
        replicas,
        Floor: 0,
        Ceiling: 5);

    /// <param name="at">The host that is asked; null for the first.</param>
    private async Task<PoolSpec> Wish(PoolSpec spec, ServiceProvider? at = null)
    {
        var wished = await (at?.GetRequiredService<IComputeEngine>() ?? host.Engine).Ensure(spec, default);
        Assert.True(wished.IsOk, wished.Fault?.ToString());
        return spec;
    }

    /// <summary>Waits until wish, record and clusters are one.</summary>
    private async Task<Pool> Settled(PoolSpec spec)
    {
        Pool pool = null!;
        await Eventually.True(
            async () =>
            {
                pool = (await Store.Find(spec.Id, default))!;
                return pool.Shares.All(share => share.Stays)
                    && pool.Replicas.Count(replica => replica.Phase == ReplicaPhase.Ready) == spec.Replicas
                    && IsTrue(pool);
            },
            Patience,
            $"{spec.Replicas} ready replicas on record and as many pods, each once");
        Assert.Equal(spec.Replicas, pool.Replicas.Select(replica => replica.Id).Distinct().Count());
        Assert.Equal(spec.Replicas, pool.Shares.Sum(share => share.Replicas));
        return pool;
    }

    private Task Retired(PoolSpec spec) => Eventually.True(
        async () => (await Store.Find(spec.Id, default))! is { Phase: PoolPhase.Retired, Replicas: [] } pool && IsTrue(pool),
        Patience,
        $"nothing of {spec.Id} is left");

    /// <summary>Whether what is on record is what the clusters have.</summary>
    private bool IsTrue(Pool pool) =>
        pool.Replicas.Select(replica => (replica.Cluster, replica.Name)).Order().SequenceEqual(PodsOf(pool.Spec.Id));

    private List<(string Cluster, string Pod)> PodsOf(PoolId pool) =>
    [
        .. from name in Here
           from pod in host.Clusters[name].Pods
           where pod.Name.StartsWith($"pool-{pool}-", StringComparison.Ordinal)
           orderby name, pod.Name
           select (name, pod.Name),
    ];

    private void Each(Action<LocalCluster.Cluster> act)
    {
        foreach (var name in Here)
        {
            act(host.Clusters[name]);
        }
    }

    private async Task Execute(string sql)
    {
        await using var connection = await host.Database.Source.OpenConnectionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Of the last who was given the lease.</summary>
    private async Task<long> TokenOf(string lease)
    {
        await using var connection = await host.Database.Source.OpenConnectionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"select token from hosting.lease where name = '{lease}'";
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
