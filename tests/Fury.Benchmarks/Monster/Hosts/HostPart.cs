using System.Text.Json;
using Fury.Hosting;
using Fury.LittleMonster;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Fury.Benchmarks.Monster;

/// <summary>A host with nothing but Little Monster on it, in a process of its own. All its settings are the defaults.</summary>
internal static class HostPart
{
    public const string Name = "monster-host";

    /// <summary>Says a line when it is a member, then follows the lines on its standard input, and stops when that closes.</summary>
    public static async Task Serve(string dataFolder, string connectionString)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:Fury", connectionString), new("Fury:DataFolder", dataFolder)]);
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);

        // It is asked until it is healthy.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        builder.Services.AddFuryHosting(builder.Configuration, [new LittleMonsterModule()]);
        WaitingMix.AddSagas(builder.Services.AddSaga<FiveSteps>());
        using var host = builder.Build();
        await host.StartAsync();
        await Joined(host.Services.GetRequiredService<HealthCheckService>());
        Console.WriteLine("joined");
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var answer = await Follow(Order.Of(line), host.Services.GetRequiredService<ILittleMonster>(), host.Services.GetRequiredService<Gate>());
            Console.WriteLine(JsonSerializer.Serialize(answer));
        }

        await host.StopAsync();
    }

    private static async Task<object> Follow(Order order, ILittleMonster sagas, Gate gate)
    {
        switch (order)
        {
            case Order.Run run:
                return await ClosedLoop.Run(sagas, run);
            case Order.Wait wait:
                await WaitingMix.StartAll(sagas, wait);
                return new Done();
            case Order.Mark:
                gate.Mark();
                return new Done();
            case Order.Look { Collect: var collect }:
                return new Looked(gate.Asked, gate.Askers, GC.GetTotalMemory(forceFullCollection: collect) / 1024.0 / 1024.0);
            case Order.Tell:
                return gate.FirstAskedAt();
            case Order.Open:
                gate.Open();
                return new Done();
            default:
                throw new InvalidOperationException($"Unknown order {order}.");
        }
    }

    private static async Task Joined(HealthCheckService health)
    {
        while ((await health.CheckHealthAsync(check => check.Name == "lm.member")).Status is not HealthStatus.Healthy)
        {
            await Task.Delay(5);
        }
    }
}
