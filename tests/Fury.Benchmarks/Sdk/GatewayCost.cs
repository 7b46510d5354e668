using System.Diagnostics;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Sdk;
using Fury.Sdk.Drivers;
using Fury.Sdk.Gateway;
using Fury.Sdk.KeyValue;
using Fury.Sdk.Local;
using Fury.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SdkKind = Fury.Sdk.ServiceKind;

namespace Fury.Benchmarks.Sdk;

/// <summary>
/// What the gateway adds to a call: gets of 100 bytes by one caller, from the local driver through the gateway of a host on loopback (token, binding, frames,
/// HTTP), and from the same driver directly. The best median of several rounds, since others share the machine.
/// </summary>
internal static class GatewayCost
{
    private const int Rounds = 10;
    private const int CallsPerRound = 1000;

    public static async Task<double> AddedMs(TextWriter output, CancellationToken stop)
    {
        var folder = Directory.CreateTempSubdirectory("fury-bench-gateway-").FullName;
        try
        {
            await using var server = await Serve(folder, stop);
            var token = server.Services.GetRequiredService<WorkloadIdentity>().TokenOf(Bound.Scope);
            var through = await Open(GatewayProvider.Factories(new Uri(server.Urls.Single()), token), GatewayProtocol.Name, stop);
            var direct = await Open(new LocalProvider(TimeProvider.System).Factories, LocalProvider.Name, stop);
            var (gatewayMs, directMs) = (await Median(through, stop), await Median(direct, stop));
            output.WriteLine($"  gateway: {gatewayMs:0.000} ms a get, {directMs:0.000} ms without it");
            return gatewayMs - directMs;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<WebApplication> Serve(string folder, CancellationToken stop)
    {
        var key = Path.Combine(folder, "agent.key");
        await File.WriteAllTextAsync(key, new string('k', 64), stop);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IServiceBindings, Bound>();
        foreach (var factory in new LocalProvider(TimeProvider.System).Factories)
        {
            builder.Services.AddSingleton(factory);
        }

        builder.Services.AddSingleton(new WorkloadIdentity(new AgentKey(key, null!), new WorkloadPlatform(null)));
        var module = new ServicesModule();
        module.AddServices(builder.Services, builder.Configuration);
        builder.Services.AddModuleControllers([module]);
        var server = builder.Build();
        server.MapControllers();
        await server.StartAsync(stop);
        return server;
    }

    private static async Task<IKeyValueDriver> Open(IReadOnlyList<IDriverFactory> factories, string driver, CancellationToken stop)
    {
        var route = new Fury.Sdk.Bindings.ServiceRoute(driver, driver, null, "local", "carts");
        var opened = (IKeyValueDriver)await factories.Single(each => each.Kind == SdkKind.KeyValue)
            .OpenAsync(new DriverContext("carts", route, TimeProvider.System) { Epoch = 1 }, stop);
        await opened.WriteAsync(new KvStep(KvStepKind.Put, new KvKey("cart", ""), new byte[100], KvGuard.None, null), stop);
        return opened;
    }

    private static async Task<double> Median(IKeyValueDriver driver, CancellationToken stop)
    {
        var (best, key, times) = (double.MaxValue, new KvKey("cart", ""), new double[CallsPerRound]);
        for (var round = 0; round < Rounds; round++)
        {
            for (var call = 0; call < times.Length; call++)
            {
                var begun = Stopwatch.GetTimestamp();
                await driver.GetAsync(key, ReadConsistency.Strong, stop);
                times[call] = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
            }

            Array.Sort(times);
            best = Math.Min(best, times[times.Length / 2]);
        }

        return best;
    }

    /// <summary>One binding, without a database.</summary>
    private sealed class Bound : IServiceBindings
    {
        public static ScopeRef Scope { get; } = ScopeRef.Parse("shop/production-web");

        public ValueTask<ServiceBinding?> Find(
            ScopeRef scope, Fury.Catalog.Contracts.ServiceKind kind, ServiceName service, long epoch, CancellationToken cancellation) =>
            ValueTask.FromResult<ServiceBinding?>(new(
                scope, kind, service, 1, new(LocalProvider.Name, ServiceRoute.Gateway, null, "local", "carts", null), "", "", default));
    }
}
