using System.Diagnostics;
using System.Globalization;
using Fury.Hosting;
using Fury.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Xunit.Abstractions;

namespace Fury.LittleMonster.Tests;

/// <summary>A server of its own, which is killed while sagas run.</summary>
public sealed class PostgresRestartTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Sagas_go_on_after_PostgreSQL_was_killed_and_no_step_is_lost_or_recorded_twice()
    {
        var world = new World();
        var folder = Directory.CreateTempSubdirectory("fury-test-").FullName;
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Fury:DataFolder"] = folder }).Build();
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(settings);
        services.AddFuryHosting(settings, [new LittleMonsterModule()]);
        services.AddSingleton(world).AddSaga<LaunchSaga>().AddSaga<ThreeStepSaga>();
        services.Replace(ServiceDescriptor.Singleton(new LittleMonsterSettings { Lease = TimeSpan.FromSeconds(5) }));
        await using var provider = services.BuildServiceProvider();
        var hosted = provider.GetServices<IHostedService>().ToArray();
        foreach (var one in hosted)
        {
            await one.StartAsync(CancellationToken.None);
        }

        var sagas = provider.GetRequiredService<ILittleMonster>();
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var starting = new List<SagaId>();
        for (var n = 0; n < 200; n++)
        {
            world.Ready[$"app-{n}"] = false;
            starting.Add((await sagas.Start<LaunchSaga, Order>($"app-{n}", new Order($"app-{n}"), timeout.Token)).Value);
        }

        // Half of them move on while the server dies under them.
        foreach (var n in Enumerable.Range(0, 100))
        {
            world.Ready[$"app-{n}"] = true;
        }

        await Eventually.True(() => world.CallsOf("do:attach") > 5);
        using (var server = await Postmaster(provider.GetRequiredService<IDatabase>()))
        {
            server.Kill();
        }

        foreach (var n in Enumerable.Range(100, 100))
        {
            world.Ready[$"app-{n}"] = true;
        }

        var killed = Stopwatch.GetTimestamp();
        var ended = await Task.WhenAll(starting.Select(id => Ended(sagas, id, timeout.Token)));
        output.WriteLine($"all ended {Stopwatch.GetElapsedTime(killed).TotalSeconds:f1} s after the kill");

        Assert.All(ended, state => Assert.Equal(SagaState.Completed, state));
        Assert.Equal(600, world.Things.Count);
        await using (var command = provider.GetRequiredService<IDatabase>().Source.CreateCommand(
            "select count(*), count(distinct (saga, seq)), count(*) filter (where kind = 2) from lm.journal"))
        await using (var reader = await command.ExecuteReaderAsync())
        {
            await reader.ReadAsync();
            Assert.Equal((1000L, 1000L, 800L), (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2)));
        }

        foreach (var one in hosted.Reverse())
        {
            await one.StopAsync(CancellationToken.None);
        }
    }

    private static async Task<Process> Postmaster(IDatabase database)
    {
        await using var command = database.Source.CreateCommand("show data_directory");
        var lines = await File.ReadAllLinesAsync(Path.Combine((string)(await command.ExecuteScalarAsync())!, "postmaster.pid"));
        return Process.GetProcessById(int.Parse(lines[0], CultureInfo.InvariantCulture));
    }

    /// <summary>A caller that asks again while the database does not answer.</summary>
    private static async Task<SagaState> Ended(ILittleMonster sagas, SagaId id, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return (await sagas.WaitFor(id, cancellation)).Value.State;
            }
            catch (Exception exception) when (Database.MayPass(exception) && !cancellation.IsCancellationRequested)
            {
                await Task.Delay(50, cancellation);
            }
        }
    }
}
