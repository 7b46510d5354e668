using System.Diagnostics;
using System.Runtime;
using Fury.Benchmarks.Monster;
using Fury.Compute.Serverless.Pools;
using Fury.Testing;

namespace Fury.Benchmarks.Fleets;

/// <summary>
/// The real host over a hundred clusters of 1,300 pods each, in another process and with real connections: how much memory it takes, how long a pod
/// that stops being ready stays in the proxies' tables at a thousand changes a second, and how long a host needs until it knows everything again.
/// </summary>
internal static class FleetBench
{
    private const int Seed = 41;

    /// <summary>Changes a second, the one of the target last. The clusters take more of the processors the more changes there are.</summary>
    private static readonly int[] Rates = [250, 500, 1000];

    private static readonly TimeSpan ChangesFor = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    public static async Task<BenchResult> Run(TextWriter output, CancellationToken stop)
    {
        await using var server = await Cluster.Start(stop);
        var database = await server.CreateDatabase("fleet", stop);
        var clock = Stopwatch.StartNew();
        await using var ground = await FleetGround.Build(database, stop);
        output.WriteLine($"  {FleetGround.Clusters} clusters with {ground.All.Sum(one => one.Pods.Count):N0} pods in {clock.Elapsed.TotalSeconds:0} s");
        Dictionary<string, double> figures = new()
        {
            ["clusters"] = FleetGround.Clusters,
            ["scopes"] = FleetGround.Scopes,
            ["pods"] = ground.All.Sum(one => one.Pods.Count),
        };

        // The first start finds 130,000 pods that are not on record yet.
        await using var fury = await FuryProcess.Start(
            database.ConnectionString, "--Mesh:Xds:StreamsPerSecond=10000", "--Logging:LogLevel:Default=Warning");
        figures["first_sync_s"] = await Synced(fury, ground, stop);
        output.WriteLine($"  all pods on record and known to the proxies {figures["first_sync_s"]:0.0} s after the first host's start");

        await using (var proxies = new FleetProxies(fury.Xds))
        {
            await proxies.Connect(stop);
            await Known(proxies, stop);
            await Task.Delay(TimeSpan.FromSeconds(20), stop); // What the first start had to write is done, and its memory is collected.
            figures["idle_cpu_percent"] = await Cpu(fury, TimeSpan.FromSeconds(20), stop);
            figures["rss_idle_mb"] = Proc.ResidentMegabytes(fury.Pid);
            var pools = ground.Pools.ToArray();
            new Random(Seed).Shuffle(pools);
            foreach (var (round, rate) in Rates.Index())
            {
                var some = pools.Skip(Rates.Take(round).Sum() * (int)ChangesFor.TotalSeconds).Take(rate * (int)ChangesFor.TotalSeconds).ToList();
                await Change(fury, server, ground, proxies, some, rate, figures, stop);
                output.WriteLine(
                    $"  {rate} changes a second: p50 {figures[$"change_to_endpoint_p50_ms_{rate}"]:0} ms, "
                    + $"p99 {figures[$"change_to_endpoint_p99_ms_{rate}"]:0} ms; processors: host {figures[$"host_cpu_percent_{rate}"]:0} %, "
                    + $"PostgreSQL {figures[$"postgres_cpu_percent_{rate}"]:0} %, clusters and proxies {figures[$"clusters_cpu_percent_{rate}"]:0} %");
            }
        }

        figures["change_to_endpoint_p99_ms"] = figures[$"change_to_endpoint_p99_ms_{Rates[^1]}"];

        figures["rss_mb"] = Proc.ResidentMegabytes(fury.Pid);
        await fury.Kill();
        clock.Restart();
        await fury.StartHost();
        figures["healthy_s"] = clock.Elapsed.TotalSeconds;
        figures["cold_start_s"] = figures["healthy_s"] + await Synced(fury, ground, stop);
        output.WriteLine(
            $"  started again: healthy after {figures["healthy_s"]:0.0} s, all known and all clusters watched after {figures["cold_start_s"]:0.0} s");
        return new("fleet", figures, new Dictionary<string, double>())
        {
            Targets =
            [
                Target.Max("rss_mb", 1536), Target.Max("change_to_endpoint_p99_ms", 100), Target.Max("cold_start_s", 30),
            ],
        };
    }

    /// <summary>
    /// Seconds until the proxies know all endpoints, and a change in each cluster has come through to them: only then is its watch whole.
    /// </summary>
    private static async Task<double> Synced(FuryProcess fury, FleetGround ground, CancellationToken stop)
    {
        var clock = Stopwatch.StartNew();
        await using var proxies = new FleetProxies(fury.Xds);
        await proxies.Connect(stop);
        var seen = ground.Pools.Take(FleetGround.Clusters).Select(pool => Flip(ground, proxies, pool, ready: false)).ToList();
        await Task.WhenAll(seen).WaitAsync(Patience, stop);
        await Task.WhenAll(ground.Pools.Take(FleetGround.Clusters).Select(pool => Flip(ground, proxies, pool, ready: true))).WaitAsync(Patience, stop);
        await Known(proxies, stop);
        return clock.Elapsed.TotalSeconds;
    }

    private static async Task Known(FleetProxies proxies, CancellationToken stop)
    {
        var clock = Stopwatch.StartNew();
        while (proxies.Endpoints < FleetGround.Pods)
        {
            if (clock.Elapsed > Patience)
            {
                throw new TimeoutException($"The proxies know {proxies.Endpoints:N0} of {FleetGround.Pods:N0} endpoints after {Patience.TotalSeconds:0} s.");
            }

            await Task.Delay(Look, stop);
        }
    }

    /// <summary>One pod of each pool stops being ready, one pool after the other; each change is timed until a proxy has it.</summary>
    private static async Task Change(
        FuryProcess fury,
        Cluster server,
        FleetGround ground,
        FleetProxies proxies,
        List<Pool> pools,
        int rate,
        Dictionary<string, double> figures,
        CancellationToken stop)
    {
        // The clusters share this process, and must not stand still for a second while they are timed.
        GC.Collect();
        GCSettings.LatencyMode = GCLatencyMode.SustainedLowLatency;
        List<Task<double>> times = [];
        var (clock, host, stored, own) = (Stopwatch.StartNew(), Proc.Cpu(fury.Pid), server.Cpu(), Environment.CpuUsage.TotalTime);
        while (times.Count < pools.Count)
        {
            var due = Math.Min(pools.Count, (int)(clock.Elapsed.TotalSeconds * rate));
            while (times.Count < due)
            {
                times.Add(Flip(ground, proxies, pools[times.Count], ready: false));
            }

            await Task.Delay(Tick, stop);
        }

        var all = await Task.WhenAll(times).WaitAsync(Patience, stop);
        Note("host", Proc.Cpu(fury.Pid) - host);
        Note("postgres", server.Cpu() - stored);
        Note("clusters", Environment.CpuUsage.TotalTime - own);
        Array.Sort(all);
        figures[$"change_to_endpoint_p50_ms_{rate}"] = all[all.Length / 2];
        figures[$"change_to_endpoint_p99_ms_{rate}"] = all[all.Length * 99 / 100];

        // As it was.
        await Task.WhenAll(pools.Select(pool => Flip(ground, proxies, pool, ready: true))).WaitAsync(Patience, stop);

        void Note(string who, TimeSpan used) => figures[$"{who}_cpu_percent_{rate}"] = used / clock.Elapsed * 100;
    }

    /// <returns>Milliseconds until a proxy has it.</returns>
    private static async Task<double> Flip(FleetGround ground, FleetProxies proxies, Pool pool, bool ready)
    {
        var (cluster, name) = ground.PodOf(pool);
        var seen = proxies.Await(pool.Spec.Id, pool.Spec.Replicas - (ready ? 0 : 1));
        var begun = Stopwatch.GetTimestamp();
        cluster.SetReady(name.Namespace, name.Name, ready);
        return Stopwatch.GetElapsedTime(begun, await seen).TotalMilliseconds;
    }

    private static async Task<double> Cpu(FuryProcess fury, TimeSpan over, CancellationToken stop)
    {
        var before = Proc.Cpu(fury.Pid);
        await Task.Delay(over, stop);
        return (Proc.Cpu(fury.Pid) - before) / over * 100;
    }
}
