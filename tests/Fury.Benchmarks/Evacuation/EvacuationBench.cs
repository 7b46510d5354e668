using System.Collections.Concurrent;
using System.Diagnostics;
using Fury.Benchmarks.Placement;
using Fury.Catalog;
using Fury.ClusterApi;
using Fury.Compute.Contracts;
using Fury.Compute.Serverless;
using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Evacuation;
using Fury.Compute.Serverless.Placement;
using Fury.Compute.Serverless.Pools;
using Fury.Hosting;
using Fury.Kernel;
using Fury.LittleMonster;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fury.Benchmarks.Evacuation;

/// <summary>
/// A cluster with three thousand workloads is dead: how long until it is known where everything goes, and until the engine has promised every successor
/// room, asked for it, and let go of what was there, all in a real, durable PostgreSQL. Destinations are simulated, and nobody waits for them: the time
/// is what deciding and writing take, with so many looks in it.
/// </summary>
internal static class EvacuationBench
{
    private const int Workloads = 3000;
    private const int Clusters = 500;
    private const int Seed = 23;
    private const string Dead = "cluster-dead";

    private static readonly Location Here = new("own", "here", "clusters");

    /// <summary>Of the successors under way in the whole fleet so many become ready from one look to the next, at most.</summary>
    private const int ReadyPerLook = 2000;

    public static async Task<BenchResult> Run(TextWriter output, CancellationToken stop)
    {
        await using var server = await Monster.Cluster.Start(stop);
        var database = await server.CreateDatabase("evacuation", stop);
        var folder = Directory.CreateTempSubdirectory("fury-bench-").FullName;
        await using var services = await Services(database.ConnectionString, folder, stop);
        var applier = new Applier(services.GetRequiredService<IReservationStore>(), TimeProvider.System, NullLogger<Applier>.Instance);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var running = applier.Run(1, ends.Token);
        await Fill(applier, stop);
        var store = services.GetRequiredService<IPoolStore>();
        var requests = await InDead(store, stop);
        EvacuationPlan.Of(requests[..500], applier.Fleet, new(), TimeProvider.System.GetUtcNow());

        Dictionary<string, double> figures = new() { ["workloads"] = Workloads };
        var busy = new Busyness();
        var (begun, used) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var plan = EvacuationPlan.Of(requests, applier.Fleet, new(), TimeProvider.System.GetUtcNow());
        figures["planned_s"] = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        figures["planned_cpu_s"] = (Environment.CpuUsage.TotalTime - used).TotalSeconds;
        figures["pending"] = plan.Pending.Count();
        output.WriteLine($"  {Workloads:N0} workloads planned in {figures["planned_s"]:0.00} s, {figures["pending"]:N0} of them not whole");

        var placer = new Placer(applier, TimeProvider.System);
        figures["looks"] = await Leave(services.GetRequiredService<Evacuator>(), placer, store, stop);
        figures["dispatched_s"] = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        figures["foreign_cpu_share"] = busy.Foreign();
        output.WriteLine(
            $"  all dispatched and removed {figures["dispatched_s"]:0.0} s after the beginning, in {figures["looks"]} looks without a pause between them; "
            + $"{figures["foreign_cpu_share"]:P0} of the processors went to other work and to PostgreSQL");
        await ends.CancelAsync();
        await running;
        Directory.Delete(folder, recursive: true);
        return new("evacuation", figures, new Dictionary<string, double>())
        {
            Targets = [Target.Max("planned_s", 2), Target.Max("dispatched_s", 60), Target.Max("pending", 0)],
        };
    }

    /// <returns>How many looks it took until the cluster was left.</returns>
    private static async Task<int> Leave(Evacuator evacuator, Placer placer, IPoolStore store, CancellationToken stop)
    {
        for (var looks = 1; ; looks++)
        {
            await evacuator.Pass(placer, [Dead], stop);
            var starting = await store.Evacuating(stop);
            if (starting.Count == 0 && (await store.In(Dead, stop)).All(pool => pool.ShareIn(Dead) is { Leaving: true }))
            {
                return looks;
            }

            var left = ReadyPerLook;
            List<Pool> ready = [.. starting.TakeWhile(pool => (left -= pool.Wanted) >= 0)];
            await Parallel.ForEachAsync(ready, stop, async (pool, inner) => await store.Change(pool.Spec.Id, Ready, inner));
        }
    }

    /// <summary>All that is wanted of it elsewhere is there.</summary>
    private static Pool Ready(Pool pool) => pool with
    {
        Replicas =
        [
            .. from share in pool.Shares
               where share.Stays
               from number in Enumerable.Range(0, share.Replicas)
               select new SeenReplica(share.Cluster, $"r{number}", InstanceId.From(Guid.NewGuid()), ReplicaPhase.Ready, "127.0.0.1", 80, 0, null, false),
        ],
    };

    /// <summary>Pools whose replicas are all in the dead cluster, and what each wishes.</summary>
    private static async Task<List<PlacementRequest>> InDead(IPoolStore store, CancellationToken stop)
    {
        ConcurrentBag<Pool> pools = [];
        await Parallel.ForEachAsync(BenchFleet.Requests(Workloads, Seed), stop, async (request, inner) =>
        {
            var release = PoolSpec.Unknown(request.Pool).Release with { Size = request.Size };
            var spec = new PoolSpec(request.Pool, release, Here, request.Replicas, 0, request.Replicas, request.Criticality, request.WorkloadType);
            var pool = Pool.New(spec) with { Placed = 1, Shares = [new(Dead, new Dictionary<string, int> { ["a"] = request.Replicas }, 1)] };
            await store.Change(request.Pool, (_, _) => Task.FromResult<Outcome<Pool>>(pool), inner);
            pools.Add(pool);
        });
        return [.. pools.Select(pool => Settling.RequestOf(pool, Dead))];
    }

    private static async Task Fill(Applier applier, CancellationToken stop)
    {
        var random = new Random(Seed);
        var now = TimeProvider.System.GetUtcNow();
        for (var number = 0; number < Clusters; number++)
        {
            var (cluster, seen) = BenchFleet.Cluster(random, number);
            await applier.Put(cluster with { Provider = Here.Provider, Region = Here.Region }, stop);
            await applier.Judge(cluster.Name, HealthPhase.Healthy, stop);
            await applier.See(seen with { At = now }, stop);
        }

        var (dead, last) = BenchFleet.Cluster(random, Clusters);
        await applier.Put(dead with { Name = Dead, Provider = Here.Provider, Region = Here.Region }, stop);
        await applier.Judge(Dead, HealthPhase.Dead, stop);
        await applier.See(last with { Cluster = Dead, At = now }, stop);
    }

    private static async Task<ServiceProvider> Services(string connectionString, string folder, CancellationToken stop)
    {
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection([new("ConnectionStrings:Fury", connectionString), new("Fury:DataFolder", folder)])
            .Build();
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(settings);
        services.AddSingleton<IDataPlane, NoRequests>();
        services.AddFuryHosting(settings, [new CatalogModule(), new LittleMonsterModule(), new ClusterApiModule(), new ServerlessModule()]);
        var provider = services.BuildServiceProvider();
        // The database is the first to start, and all that is needed here.
        await provider.GetServices<IHostedService>().First().StartAsync(stop);
        return provider;
    }

    private sealed class NoRequests : IDataPlane
    {
        public Task<IReadOnlyList<LocationSeen>> Seen(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<LocationSeen>>([]);
    }
}
