using System.Diagnostics;
using Azure.Core.Pipeline;
using Fury.Benchmarks.Monster;
using Fury.Benchmarks.Placement;
using Fury.Compute.Contracts;
using Fury.Compute.Standard;
using Fury.Compute.Standard.Health;
using Fury.Hosting;
using Fury.LittleMonster;
using Fury.Providers.Aws;
using Fury.Providers.Azure;
using Fury.Providers.Azure.Tests;
using Fury.Providers.Clouds;
using Fury.Providers.Gcp;
using Fury.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fury.Benchmarks.Instances;

/// <summary>
/// Thousands of instances are wished for at once, over three clouds with the latencies and the limits of real ones: how long until all are healthy, beside
/// what those limits allow at the very best, and how often clouds are asked how their instances are. The engine, its sagas, PostgreSQL and the providers down
/// to the wire are the real ones; an instance is an address, and healthy once its cloud shows it running. Clouds and host share one process and real time.
/// </summary>
internal static class InstancesBench
{
    private const int Most = 10_000;

    private static readonly TimeSpan Watched = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(10);

    /// <summary>Runs the smallest size alone.</summary>
    public const string Short = "short";

    public static async Task<BenchResult> Run(TextWriter output, IReadOnlyList<string> words, CancellationToken stop)
    {
        Dictionary<string, double> figures = [], ratios = [];
        await using var server = await Cluster.Start(stop);
        int[] sizes = words.Contains(Short) ? [Most / 4] : [Most / 4, Most / 2, Most];
        foreach (var instances in sizes)
        {
            await Run(instances, sizes[^1], server, output, figures, stop);
            ratios[$"time_vs_rate_limit_bound_{instances}"] = figures[$"healthy_s_{instances}"] / figures[$"bound_s_{instances}"];
        }

        figures["instances"] = sizes[^1];
        figures["describe_calls_per_minute"] = figures[$"describe_calls_per_minute_{sizes[^1]}"];
        ratios["time_vs_rate_limit_bound"] = ratios[$"time_vs_rate_limit_bound_{sizes[^1]}"];
        return new("instances", figures, ratios) { Targets = [Target.Max("time_vs_rate_limit_bound", 1.2)] };
    }

    private static async Task Run(
        int instances, int most, Cluster server, TextWriter output, Dictionary<string, double> figures, CancellationToken stop)
    {
        var bounds = InstancesLoad.Bounds(instances);
        output.WriteLine($"{instances:N0} instances: {string.Join(", ", InstancesLoad.Shares(instances).Select(share => $"{share.Key} {share.Value:N0}"))}");
        output.WriteLine($"  bound {bounds[^1].Time.TotalSeconds:0.0} s, of which {InstancesClouds.Boot.TotalSeconds} s boot; {string.Join("; ",
            bounds.Reverse().Select(bound => $"{bound.Of} {bound.Time.TotalSeconds:0.0} s"))}");
        var database = await server.CreateDatabase($"instances{instances}", stop);
        await using var clouds = await InstancesClouds.Start();
        using var host = Host(clouds, database.ConnectionString);
        await host.StartAsync(stop);
        try
        {
            var engine = host.Services.GetRequiredService<IComputeEngine>();
            var looking = new Progress(host.Services.GetRequiredService<IDatabase>(), clouds, output);
            await Warm(engine, looking, stop);
            var (looked, busy) = (clouds.Looks(), new Busyness());
            var (began, own, stored) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime, server.Cpu());
            await Parallel.ForEachAsync(InstancesLoad.Pools(instances), stop, async (pool, inner) => await Ensure(engine, pool, inner));
            await looking.Until(instances, InstancesLoad.Shares(instances), began, Patience, stop);
            var looks = clouds.Looks().Since(looked);
            figures[$"bound_s_{instances}"] = bounds[^1].Time.TotalSeconds;
            figures[$"healthy_s_{instances}"] = began.Elapsed.TotalSeconds;
            figures[$"describe_calls_per_minute_{instances}"] = looks.Values.Sum() / began.Elapsed.TotalMinutes;
            figures[$"calls_refused_{instances}"] = clouds.Refused();
            figures[$"made_too_many_{instances}"] = clouds.Made().Values.Sum() - instances - InstancesLoad.WarmReplicas;
            figures[$"cpu_ms_per_instance_{instances}"] = (Environment.CpuUsage.TotalTime - own).TotalMilliseconds / instances;
            figures[$"postgres_cpu_ms_per_instance_{instances}"] = (server.Cpu() - stored).TotalMilliseconds / instances;
            figures[$"foreign_cpu_share_{instances}"] = busy.Foreign();
            output.WriteLine(
                $"  healthy after {began.Elapsed.TotalSeconds:0.0} s; calls a minute that look at instances: {Text(looks, began.Elapsed)}; "
                + $"{clouds.Refused():N0} calls refused as too many; {busy.Foreign():P0} of the processors went to PostgreSQL and to others");
            if (instances == most)
            {
                await Running(clouds, output, figures, stop);
            }
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
    }

    /// <summary>A host that has run for a while: its code is compiled, its connections are there, and it knows the clouds' types.</summary>
    private static async Task Warm(IComputeEngine engine, Progress looking, CancellationToken stop)
    {
        looking.Boot = TimeSpan.FromSeconds(1);
        var pool = InstancesLoad.Warm();
        await Ensure(engine, pool, stop);
        await looking.Until(pool.Replicas, null, Stopwatch.StartNew(), Patience, stop);
        looking.Boot = InstancesClouds.Boot;
        looking.Except = pool.Id;
        await Task.Delay(Settle, stop); // The buckets are full again.
    }

    private static async Task Ensure(IComputeEngine engine, PoolSpec pool, CancellationToken stop)
    {
        if (await engine.Ensure(pool, stop) is { IsOk: false } refused)
        {
            throw new InvalidOperationException($"{refused.Fault}");
        }
    }

    private static async Task Running(InstancesClouds clouds, TextWriter output, Dictionary<string, double> figures, CancellationToken stop)
    {
        await Task.Delay(Watched / 4, stop); // What the last to come have caused is over.
        var (before, clock) = (clouds.Looks(), Stopwatch.StartNew());
        await Task.Delay(Watched, stop);
        var looks = clouds.Looks().Since(before);
        figures["describe_calls_per_minute_when_running"] = looks.Values.Sum() / clock.Elapsed.TotalMinutes;
        output.WriteLine($"  when all run, calls a minute that look at instances: {Text(looks, clock.Elapsed)}");
    }

    private static string Text(IReadOnlyDictionary<string, int> looks, TimeSpan time) =>
        string.Join(", ", looks.Select(cloud => $"{cloud.Key} {cloud.Value / time.TotalMinutes:N0}"));

    private static IHost Host(InstancesClouds clouds, string connectionString)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(clouds.Settings()).AddInMemoryCollection([new("ConnectionStrings:Fury", connectionString)]);
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddFuryHosting(builder.Configuration, [new LittleMonsterModule(), new StandardModule()]);
        builder.Services.AddSingleton<IAgents, FakeAgents>();
        builder.Services.AddAwsProvider(builder.Configuration).AddGcpProvider(builder.Configuration).AddAzureProvider(builder.Configuration);
        builder.Services.AddSingleton(provider => new AzureTokens(
            provider.GetRequiredService<IOptions<AzureOptions>>().Value,
            TimeProvider.System,
            new HttpClientTransport(new HttpClient(new LoopbackAuthority(clouds.Azure.Home)))));
        builder.Services.AddSingleton<IHealthProbe, AlwaysWell>();
        return builder.Build();
    }

    private sealed class AlwaysWell : IHealthProbe
    {
        public Task<string?> Ask(string address, int port, string path, CancellationToken cancellation) => Task.FromResult<string?>(null);
    }
}
