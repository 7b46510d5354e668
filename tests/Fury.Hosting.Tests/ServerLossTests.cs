using System.Diagnostics;
using Dapper;
using Fury.Kernel;
using Fury.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Fury.Hosting.Tests;

/// <summary>The whole of Hosting over a private server that is killed under it.</summary>
public sealed class ServerLossTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fury-test-").FullName;
    private readonly Ear _ear = new();
    private ServiceProvider? _built;

    private ServiceProvider Host => _built!;

    public async Task InitializeAsync()
    {
        Command.Run(null, "chmod", ["0711", _folder]).OrThrow("chmod");
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Fury:DataFolder"] = Path.Combine(_folder, "data"),
        }).Build();
        var services = new ServiceCollection();
        services.AddFuryHosting(settings, []);
        services.AddSingleton<IEventListener<Counted>>(_ear);
        _built = services.BuildServiceProvider();
        foreach (var hosted in Host.GetServices<IHostedService>())
        {
            await hosted.StartAsync(CancellationToken.None);
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var hosted in Host.GetServices<IHostedService>().Reverse())
        {
            await hosted.StopAsync(CancellationToken.None);
        }

        await Host.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Transactions_events_and_leases_go_on_after_the_server_was_killed()
    {
        var database = Host.GetRequiredService<IDatabase>();
        var server = Host.GetRequiredService<PrivatePostgres>();
        await using var lease = await Host.GetRequiredService<ILeases>().TryAcquire("test", CancellationToken.None);
        await Tell(database, 1);
        await Eventually.True(() => _ear.Of("a") is [1]);

        using (var process = Process.GetProcessById(PostgresServer.RunningPid(server.Place)!.Value))
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        // A transaction that has not begun waits for the server; one that had bad luck is told so and changes nothing.
        await Eventually.True(() => Succeeds(() => Tell(database, 2)), TimeSpan.FromSeconds(60));
        await Eventually.True(() => _ear.Of("a").Distinct().SequenceEqual([1, 2]), TimeSpan.FromSeconds(60));

        // Whatever happened to the old one, a token given from now on is higher.
        await lease!.DisposeAsync();
        ILease? next = null;
        await Eventually.True(
            () => Succeeds(async () => next = await Host.GetRequiredService<ILeases>().TryAcquire("test", CancellationToken.None)));
        Assert.True(next!.Token > lease.Token);
        await next.DisposeAsync();
    }

    private static Task<Outcome<int>> Tell(IDatabase database, int number) => database.Transaction<int>(
        async transaction =>
        {
            await transaction.Tell(new Counted("a", number), CancellationToken.None);
            return await transaction.Connection.ExecuteScalarAsync<int>("select 1", transaction: transaction.Inner);
        },
        CancellationToken.None);

    private static async Task<bool> Succeeds(Func<Task> action)
    {
        try
        {
            await action();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }
}
