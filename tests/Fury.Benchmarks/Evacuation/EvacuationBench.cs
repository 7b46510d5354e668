using System.Diagnostics;
using Fury.Benchmarks.Placement;
using Fury.Catalog;
using Fury.ClusterApi;
using Fury.Compute.Serverless;
using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Evacuation;
using Fury.Compute.Serverless.Placement;
using Fury.Hosting;
using Fury.LittleMonster;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fury.Benchmarks.Evacuation;

/// <summary>
/// A cluster with three thousand workloads is dead: how long until it is known where everything goes, and until every successor has promised
/// room in a real, durable PostgreSQL and was dispatched. Destinations are simulated, and nobody waits for them: the time is what deciding takes, with
/// so many looks in it.
/// </summary>
internal static class EvacuationBench
{
    private const int Workloads = 3000;
    private const int Clusters = 500;
    private const int Seed = 23;
    private const string Dead = "cluster-dead";

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
        var pools = Pools();
        EvacuationPlan.Of(Dead, pools[..500], applier.Fleet, new(), TimeProvider.System.GetUtcNow());

        Dictionary<string, double> figures = new() { ["workloads"] = Workloads };
        var busy = new Busyness();
        var (begun, used) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var plan = EvacuationPlan.Of(Dead, pools, applier.Fleet, new(), TimeProvider.System.GetUtcNow());
        figures["planned_s"] = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        figures["planned_cpu_s"] = (Environment.CpuUsage.TotalTime - used).TotalSeconds;
        figures["pending"] = plan.Pending.Count();
        output.WriteLine($"  {Workloads:N0} workloads planned in {figures["planned_s"]:0.00} s, {figures["pending"]:N0} of them not whole");

        await Dispatch(applier, plan, figures, output, stop);
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

    private static async Task Dispatch(
        Applier applier, EvacuationPlan plan, Dictionary<string, double> figures, TextWriter output, CancellationToken stop)
    {
        var begun = Stopwatch.GetTimestamp();
        var placer = new Placer(applier, TimeProvider.System);
        var promised = await Task.WhenAll(plan.Moves.Select(move => placer.Place(move.Request, stop, move.Decision)));
        figures["promised_s"] = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        figures["promises_per_s"] = Workloads / figures["promised_s"];
        output.WriteLine($"  promised in {figures["promised_s"]:0.00} s");

        List<EvacuatingPool> pools = [.. plan.Moves.Zip(promised, (move, decision) => new EvacuatingPool(
            move.Request.Pool, move.Request.Criticality, move.Request.Replicas, decision.Value.Pending, decision.Value.Added, false, 0, 0))];
        var (places, looks) = (pools.Index().ToDictionary(pool => pool.Item.Pool, pool => pool.Index), 0);
        while (pools.Any(pool => pool.Source > pool.Keep))
        {
            stop.ThrowIfCancellationRequested();
            foreach (var move in EvacuationSteps.Next(pools, isDue: true))
            {
                var pool = pools[places[move.Pool]];
                pools[places[move.Pool]] = move is EvacuationMove.Remove remove ? pool with { Source = remove.Keep } : pool with { Dispatched = true };
            }

            var left = ReadyPerLook;
            for (var place = 0; place < pools.Count && left > 0; place++)
            {
                var ready = Math.Min(left, pools[place].InFlight);
                left -= ready;
                pools[place] = pools[place] with { Ready = pools[place].Ready + ready };
            }

            looks++;
        }

        figures["looks"] = looks;
    }

    private static List<PlacementRequest> Pools() =>
    [
        .. BenchFleet.Requests(Workloads, Seed).Select(request => request with { Current = [new(Dead, "a", request.Replicas)] }),
    ];

    private static async Task Fill(Applier applier, CancellationToken stop)
    {
        var random = new Random(Seed);
        var now = TimeProvider.System.GetUtcNow();
        for (var number = 0; number < Clusters; number++)
        {
            var (cluster, seen) = BenchFleet.Cluster(random, number);
            await applier.Put(cluster, stop);
            await applier.Judge(cluster.Name, HealthPhase.Healthy, stop);
            await applier.See(seen with { At = now }, stop);
        }

        var (dead, last) = BenchFleet.Cluster(random, Clusters);
        await applier.Put(dead with { Name = Dead }, stop);
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
        services.AddFuryHosting(settings, [new CatalogModule(), new LittleMonsterModule(), new ClusterApiModule(), new ServerlessModule()]);
        var provider = services.BuildServiceProvider();
        // The database is the first to start, and all that is needed here.
        await provider.GetServices<IHostedService>().First().StartAsync(stop);
        return provider;
    }
}
