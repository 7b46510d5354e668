using System.Diagnostics;
using Fury.Sdk;
using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.Hosting;
using Fury.Sdk.KeyValue;
using Fury.Sdk.Local;
using Fury.Sdk.Redis;
using Fury.Testing;

namespace Fury.Benchmarks.Sdk;

/// <summary>
/// A get of 100 bytes through the whole portable layer (checks, policy, telemetry without a listener, envelope), and straight from the local driver;
/// the difference is what the layer costs. Then gets from a real Redis and copies of an object in a folder, through the SDK and by their drivers called bare.
/// The best of several rounds, since others share the machine.
/// </summary>
internal static class SdkBench
{
    private const int Rounds = 15;
    private const int CallsPerRound = 50_000;
    private const int Callers = 32;
    private const int RedisRounds = 4;

    private static readonly TimeSpan RedisRound = TimeSpan.FromSeconds(1.5);

    public static async Task<BenchResult> Run(TextWriter output, CancellationToken stop)
    {
        // First, while the process is as small as an application that has just begun.
        var sparse = await SparseObject.Run(output, stop);
        var provider = new LocalProvider(TimeProvider.System);
        var route = new ServiceRoute(LocalProvider.Name, "local", null, "local", "carts");
        var (store, driver) = await Open(provider.Factories, route);
        var key = new KvKey("cart");
        await store.SetAsync(key, new byte[100], cancellationToken: stop);
        var (layerUs, layerBytes) = await Measure(async () => await store.GetAsync(key), output, "portable layer", stop);
        var (driverUs, driverBytes) = await Measure(
            async () => await driver.GetAsync(key, ReadConsistency.Strong, CancellationToken.None), output, "local driver", stop);
        var (sdkRate, bareRate, programRate) = await Redis(output, stop);
        var (copySdk, copyRaw) = await ObjectCopy.Run(output, stop);
        var ratios = new Dictionary<string, double> { ["redis_kv_vs_bare_driver"] = sdkRate / bareRate, ["object_copy_vs_raw"] = copySdk / copyRaw };
        if (programRate is { } program)
        {
            ratios["redis_kv_vs_redis_benchmark"] = sdkRate / program;
        }

        var gatewayMs = await GatewayCost.AddedMs(output, stop);
        return new BenchResult(
            "sdk",
            new Dictionary<string, double>
            {
                ["kv_get_overhead_us"] = layerUs - driverUs,
                ["kv_get_alloc_bytes"] = layerBytes - driverBytes,
                ["kv_get_us"] = layerUs,
                ["kv_get_driver_us"] = driverUs,
                ["redis_kv_gets_per_s"] = sdkRate,
                ["object_copy_mib_per_s"] = copySdk,
                ["sparse_5gib_working_set_mib"] = sparse,
                ["gateway_added_ms_p50"] = gatewayMs,
            },
            ratios)
        {
            Targets =
            [
                Target.Max("kv_get_overhead_us", 3),
                Target.Max("kv_get_alloc_bytes", 1024),
                Target.Min("redis_kv_vs_bare_driver", 0.7),
                Target.Min("object_copy_vs_raw", 0.8),
                Target.Max("sparse_5gib_working_set_mib", 64),
                Target.Max("gateway_added_ms_p50", 0.5),
            ],
        };
    }

    private static async Task<(KeyValueStore Store, IKeyValueDriver Driver)> Open(IReadOnlyList<IDriverFactory> factories, ServiceRoute route)
    {
        var need = new ServiceNeed(ServiceKind.KeyValue, "carts");
        var runtime = new FuryRuntime(TimeProvider.System);
        runtime.Add(need, null);
        var binder = new Binder(factories, TimeProvider.System, TimeSpan.FromSeconds(1));
        var channel = runtime.Find(ServiceKind.KeyValue, "carts")!.Channel;
        await binder.Bind(channel, need, new ServiceBinding("carts", ServiceKind.KeyValue, 1, route), CancellationToken.None);
        var driver = await factories.Single(factory => factory.Kind == ServiceKind.KeyValue)
            .OpenAsync(new DriverContext("carts", route, TimeProvider.System), CancellationToken.None);
        return (runtime.KeyValue("carts"), (IKeyValueDriver)driver);
    }

    /// <summary>Gets a second through the SDK and by the same driver called bare, by turns, on a real Redis; and by the program that comes with it.</summary>
    private static async Task<(double Sdk, double Bare, double? Program)> Redis(TextWriter output, CancellationToken stop)
    {
        var server = new RedisServer();
        await server.InitializeAsync();
        try
        {
            var route = new ServiceRoute(RedisProvider.Name, "direct", server.Endpoint, "local", "carts");
            var (store, driver) = await Open(RedisProvider.Factories, route);
            var key = new KvKey("cart", "");
            await store.SetAsync(key, new byte[100], cancellationToken: stop);
            var (sdk, bare) = (0d, 0d);
            for (var round = 0; round < RedisRounds; round++)
            {
                bare = Math.Max(bare, await Rate(async () => await driver.GetAsync(key, ReadConsistency.Strong, CancellationToken.None), stop));
                sdk = Math.Max(sdk, await Rate(async () => await store.GetAsync(key), stop));
            }

            var program = await RedisBenchmark.Gets(server.Endpoint, Callers, 100, stop);
            output.WriteLine($"  Redis, {Callers} callers: {sdk:N0} gets/s by the SDK, {bare:N0} by the bare driver");
            output.WriteLine($"  redis-benchmark, {Callers} under way: {program ?? double.NaN:N0} gets/s");
            return (sdk, bare, program);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private static async Task<double> Rate(Func<Task> call, CancellationToken stop)
    {
        var done = 0L;
        var begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(
            async () =>
            {
                while (Stopwatch.GetElapsedTime(begun) < RedisRound)
                {
                    await call();
                    Interlocked.Increment(ref done);
                }
            },
            stop)));
        return done / Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    private static async Task<(double Us, double Bytes)> Measure(Func<Task> call, TextWriter output, string name, CancellationToken stop)
    {
        var (best, bytes) = (double.MaxValue, 0d);
        for (var round = 0; round < Rounds; round++)
        {
            stop.ThrowIfCancellationRequested();
            var before = GC.GetTotalAllocatedBytes(precise: true);
            var begun = Stopwatch.GetTimestamp();
            for (var index = 0; index < CallsPerRound; index++)
            {
                await call();
            }

            var us = Stopwatch.GetElapsedTime(begun).TotalMicroseconds / CallsPerRound;
            bytes = (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)CallsPerRound;
            best = Math.Min(best, us);
        }

        output.WriteLine($"  {name}: {best:0.00} us, {bytes:0} bytes a get");
        return (best, bytes);
    }
}
