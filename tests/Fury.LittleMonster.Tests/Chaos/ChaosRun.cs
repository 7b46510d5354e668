using System.Diagnostics;
using System.Globalization;
using Fury.Hosting;
using Fury.LittleMonster.Chaos;
using Fury.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit.Abstractions;

namespace Fury.LittleMonster.Tests.Chaos;

/// <param name="Mishaps">How long things go wrong.</param>
internal sealed record ChaosSize(int Sagas, TimeSpan Mishaps);

/// <summary>Three hosts with three opinions of the time, one database, a world, callers, and everything that can happen to them.</summary>
internal sealed class ChaosRun : IAsyncDisposable
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan[] Skews = [TimeSpan.FromMinutes(-5), TimeSpan.Zero, TimeSpan.FromMinutes(5)];

    /// <summary>From the last mishap on. A saga that goes by a wrong clock is late by five minutes.</summary>
    private static readonly TimeSpan EndWithin = TimeSpan.FromMinutes(5);

    private const int LogLinesMax = 5;
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(100);

    private readonly int _seed;
    private readonly ChaosSize _size;
    private readonly ITestOutputHelper _output;
    private readonly MortalPostgres _postgres;
    private readonly HostileWorld _world;
    private readonly IReadOnlyList<ChaosOrder> _orders;
    private readonly IReadOnlyList<PostgresWire> _wires;
    private readonly IReadOnlyList<ChaosHost> _hosts;
    private readonly ServiceProvider _outside;
    private readonly ChaosStarts _starts;
    private readonly string _folder = Directory.CreateTempSubdirectory("fury-chaos-").FullName;
    private readonly long _begun = Stopwatch.GetTimestamp();

    private ChaosRun(int seed, ChaosSize size, IReadOnlyList<ChaosOrder> orders, HostileWorld world, MortalPostgres postgres, ITestOutputHelper output)
    {
        (_seed, _size, _orders, _world, _postgres, _output) = (seed, size, orders, world, postgres, output);
        _wires = [.. Skews.Select(_ => new PostgresWire(postgres.ConnectionString))];
        _hosts = [.. Skews.Select((skew, host) => new ChaosHost(Settings($"host-{host}", skew, _wires[host].ConnectionString)))];
        _outside = Outside(Settings("outside", Skews[^1], postgres.ConnectionString));
        _starts = new(seed, _outside.GetRequiredService<ILittleMonster>(), _hosts);
    }

    public static async Task<ChaosRun> Prepare(int seed, ChaosSize size, ITestOutputHelper output)
    {
        var orders = ChaosOrders.Of(seed, size.Sagas);
        return new(seed, size, orders, await HostileWorld.Start(seed, orders), await MortalPostgres.Start(), output);
    }

    /// <summary>Lets it happen, waits until all has ended, and answers what is wrong.</summary>
    public async Task<IReadOnlyList<string>> Run()
    {
        await Task.WhenAll(_hosts.Select(host => host.Start()));
        await Task.WhenAll(_hosts.Select(host => host.Up));
        Tell($"seed {_seed}: {_orders.Count} sagas, {_hosts.Count} hosts are up");
        using var timeout = new CancellationTokenSource(_size.Mishaps + EndWithin);
        var starts = _starts.All(_orders, _size.Mishaps * 0.8, timeout.Token);
        await Suffer();
        Tell("the last mishap is over");
        await using var database = NpgsqlDataSource.Create($"{_postgres.ConnectionString};Timeout=60;Command Timeout=120");
        Tell(await Ended(database, starts, timeout.Token) ? "all sagas have ended" : "the time is over");

        var checker = new ChaosChecker(database, _world.Record, _orders, _starts);
        Tell(await checker.Figures());
        Tell($"what the hosts said is in {KeepLogs()}");
        return
        [
            .. _hosts.Where(host => host.Collapses > 0).Select(host => $"A host ended by itself, {host.Collapses} times."),
            .. _hosts.SelectMany(host => host.Errors).Take(LogLinesMax),
            .. await checker.Violations(),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_hosts.Select(host => host.DisposeAsync().AsTask()));
        await Task.WhenAll(_wires.Select(wire => wire.DisposeAsync().AsTask()));
        await _outside.DisposeAsync();
        await _postgres.DisposeAsync();
        await _world.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task Suffer()
    {
        var begun = Stopwatch.GetTimestamp();
        foreach (var mishap in MishapPlan.Of(_seed, _size.Mishaps, _hosts.Count, Lease))
        {
            if (mishap.At - Stopwatch.GetElapsedTime(begun) is { Ticks: > 0 } early)
            {
                await Task.Delay(early);
            }

            if (mishap.What is not (Mishap.Deafen or Mishap.Cut))
            {
                _output.WriteLine(mishap.ToString());
            }

            await (mishap.What switch
            {
                Mishap.Kill => _hosts[mishap.Host].Kill(),
                Mishap.Start => _hosts[mishap.Host].Start(),
                Mishap.Freeze => _hosts[mishap.Host].Freeze(),
                Mishap.Thaw => _hosts[mishap.Host].Thaw(),
                Mishap.Hold => _wires[mishap.Host].Hold(),
                Mishap.Release => _wires[mishap.Host].Release(),
                Mishap.Deafen => _wires[mishap.Host].Deafen(),
                Mishap.Cut => _wires[mishap.Host].Cut(),
                Mishap.StopPostgres => _postgres.StopAtOnce(),
                _ => _postgres.Kill(),
            });
        }
    }

    /// <summary>False when some are left at the deadline, or some callers without an answer; the checker names them.</summary>
    private static async Task<bool> Ended(NpgsqlDataSource database, Task starts, CancellationToken timeout)
    {
        try
        {
            await starts;
            while (!await ChaosChecker.AllEnded(database, timeout))
            {
                await Task.Delay(LookPeriod, timeout);
            }

            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private Dictionary<string, string?> Settings(string node, TimeSpan skew, string database)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, node)).FullName;
        File.WriteAllText(Path.Combine(folder, "node"), node);
        return new()
        {
            ["ConnectionStrings:Fury"] = database,
            ["Fury:DataFolder"] = folder,
            ["LittleMonster:Lease"] = Lease.ToString("c", CultureInfo.InvariantCulture),
            ["Chaos:World"] = _world.Address.ToString(),
            ["Chaos:Skew"] = skew.ToString("c", CultureInfo.InvariantCulture),
        };
    }

    /// <summary>A node that joins nobody and runs nothing: it starts sagas through the inbox.</summary>
    private ServiceProvider Outside(Dictionary<string, string?> values)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(values).Build();
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(settings).AddSingleton<TimeProvider>(new SkewedClock(Skews[^1]));
        services.AddFuryHosting(settings, [new LittleMonsterModule()]).AddChaosSagas(_world.Address);
        return services.BuildServiceProvider();
    }

    private string KeepLogs()
    {
        var folder = Directory.CreateDirectory(Path.Combine(FuryProcess.Root, "artifacts", $"chaos-{_seed}")).FullName;
        for (var host = 0; host < _hosts.Count; host++)
        {
            File.WriteAllLines(Path.Combine(folder, $"host-{host}.log"), _hosts[host].Log);
        }

        return folder;
    }

    private void Tell(string what) => _output.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"[{Stopwatch.GetElapsedTime(_begun).TotalSeconds:f1} s] {what}"));
}
