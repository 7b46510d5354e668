using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.Json;
using Dapper;
using Fury.Catalog.Contracts;
using Fury.Compute.Contracts;
using Fury.Deployments;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Judging;
using Fury.Deployments.Sources;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Mesh;
using Fury.Mesh.Contracts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fury.Benchmarks.Rollouts;

/// <summary>
/// A host in a process of its own: the real deployments and the real mesh on a real database, over simulated pools and requests. Obeys lines on its
/// standard input.
/// </summary>
internal sealed class RolloutsPart(IServiceProvider services) : IDisposable
{
    public const string Name = "rollouts-host";

    private const int AtOnce = 32;

    /// <summary>A Safe one waits before its first weight: for its scope's requests to be counted, and for its metrics to be told apart.</summary>
    private const int SafeAtOnce = 2500;
    private const int Compared = 500;

    /// <summary>Scopes from this one on are not made sick.</summary>
    private const int FirstWell = 1000;

    private readonly MeterListener _meters = new();
    private readonly ConcurrentQueue<double> _lags = [];

    public static async Task<int> Run(string[] arguments)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
        [
            new("Fury:DataFolder", arguments[0]), new("ConnectionStrings:Fury", arguments[1]), new("Mesh:Xds:Listen", "http://127.0.0.1:0"),
        ]);
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddFuryHosting(builder.Configuration, [new MeshModule(), new DeploymentsModule()]);
        builder.Services.AddSingleton<ICatalog, SimulatedCatalog>();
        builder.Services.AddSingleton<SimulatedEngine>();
        builder.Services.AddSingleton<IComputeEngine>(provider => provider.GetRequiredService<SimulatedEngine>());
        var mesh = builder.Services.Last(service => service.ServiceType == typeof(IRoutingTables));
        builder.Services.AddSingleton(provider => new SimulatedTables(
            (IRoutingTables)ActivatorUtilities.CreateInstance(provider, mesh.ImplementationType!), provider.GetRequiredService<SimulatedEngine>()));
        builder.Services.AddSingleton<IRoutingTables>(provider => provider.GetRequiredService<SimulatedTables>());
        builder.Services.AddSingleton(provider => ActivatorUtilities.CreateInstance<MetricSources>(
            provider, (IReadOnlyList<(SourceOptions, IMetricSource)>)[SimulatedSource.New()]));
        using var host = builder.Build();
        using var part = new RolloutsPart(host.Services);
        part.Listen();
        await host.Services.GetServices<IHostedService>().First().StartAsync(default); // The database.
        await part.Remember();
        await host.StartAsync();
        Console.WriteLine("started");
        while (await Console.In.ReadLineAsync() is { } line)
        {
            Console.WriteLine(JsonSerializer.Serialize(await part.Obey(line.Split(' '))));
        }

        await host.StopAsync();
        return 0;
    }

    public void Dispose() => _meters.Dispose();

    private void Listen()
    {
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "fury_judge_tick_lag_seconds")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meters.SetMeasurementEventCallback<double>((_, lag, _, _) => _lags.Enqueue(lag));
        _meters.Start();
    }

    /// <summary>An engine and a mesh know their pools when a host starts again.</summary>
    private async Task Remember()
    {
        var (engine, tables) = (services.GetRequiredService<SimulatedEngine>(), services.GetRequiredService<SimulatedTables>());
        await using var connection = await services.GetRequiredService<IDatabase>().Source.OpenConnectionAsync();
        foreach (var state in await connection.QueryAsync<string>("select state::text from deployments.deployment where ended_at is null"))
        {
            foreach (var pool in Json.Read<DeploymentRecord>(state).Moving.SelectMany(lane => lane.Pools))
            {
                var release = (await services.GetRequiredService<ICatalog>().FindRelease(pool.Release, default)).Value;
                var spec = new ReleaseSpec(release.Id, release.Scope, release.Version, release.Artifact, release.Environment, release.Size, release.HealthPath);
                engine.Put(new(pool.Id, spec, pool.Location, pool.Replicas, pool.Floor, pool.Ceiling));
            }
        }

        foreach (var pools in await connection.QueryAsync<string>("select pools::text from mesh.routing_table"))
        {
            tables.Weigh(Json.Read<IReadOnlyList<PoolWeight>>(pools));
        }
    }

    private async Task<double[]> Obey(string[] order)
    {
        switch (order)
        {
            case ["deploy", var version, var strategy, var count]:
                var begun = Stopwatch.GetTimestamp();
                await Parallel.ForEachAsync(
                    Enumerable.Range(0, Number(count)),
                    new ParallelOptions { MaxDegreeOfParallelism = strategy == "safe" ? SafeAtOnce : AtOnce },
                    (number, _) => Deploy(SimulatedCatalog.Scope(number), version, strategy));
                return [Stopwatch.GetElapsedTime(begun).TotalSeconds];
            case ["lags"]:
                double[] lags = [.. _lags];
                _lags.Clear();
                Array.Sort(lags);
                return lags.Length == 0 ? [0, 0, 0, 0] : [lags.Length, lags[lags.Length / 2], lags[lags.Length * 99 / 100], lags[^1]];
            case ["sicken", var count]:
                return [await Sicken(Number(count))];
            case ["cut"]:
                return [services.GetRequiredService<SimulatedTables>().Cut.Count];
            case ["judge-by", var atATime]:
                return [await JudgeBy(Number(atATime))];
            case ["replay", var count]:
                return [await Replay(Number(count))];
            case ["cuts"]:
                return await Cuts();
            default:
                throw new InvalidOperationException($"Unknown order {string.Join(' ', order)}.");
        }
    }

    private async ValueTask Deploy(ScopeRef scope, string version, string strategy)
    {
        // Steps that last: all of them are to be in flight at once.
        var policy = strategy == "safe"
            ? new PolicyRequest(JudgeSeconds: 3600, StepDeadlineSeconds: 86_400) { Metrics = SimulatedSource.Metrics }
            : new PolicyRequest(DrainSeconds: 0);
        var deployments = services.GetRequiredService<IDeployments>();
        var started = await deployments.Start(scope, new DeploymentRequest(version, strategy, policy), null, default);
        if (!started.IsOk)
        {
            throw new InvalidOperationException($"{scope}: {started.Fault}");
        }

        await foreach (var happened in deployments.Events(started.Value.Id, 0, default))
        {
            if (happened.Phase is DeploymentPhase.Done or DeploymentPhase.Judging)
            {
                return;
            }
        }
    }

    /// <summary>The candidates of the first scopes fail half of their requests from now on.</summary>
    private async Task<double> Sicken(int count)
    {
        var store = services.GetRequiredService<IDeploymentStore>();
        var tables = services.GetRequiredService<SimulatedTables>();
        tables.Cut.Clear();
        for (var number = 0; number < count; number++)
        {
            var row = await store.FindScope(SimulatedCatalog.Scope(number), default);
            var record = await store.Find(row!.InProgress!.Value, default);
            tables.Sicken(record!.Moving.Single().Candidate!.Id);
        }

        return count;
    }

    /// <summary>Seconds from each decision to go back until weight 0 is published, then those from the tick that it rests on.</summary>
    private async Task<double[]> Cuts()
    {
        const string DecidedSql = """
            select d.state::text as state, min(e.at) as decided,
                   (select max(t.at) from deployments.evidence t where t.deployment = d.id and t.at <= min(e.at)) as seen
              from deployments.deployment d join deployments.event e on e.deployment = d.id and e.phase = 'restoring-capacity'
             group by d.id
            """;
        var cut = services.GetRequiredService<SimulatedTables>().Cut;
        await using var connection = await services.GetRequiredService<IDatabase>().Source.OpenConnectionAsync();
        var rows = (await connection.QueryAsync<(string State, DateTime Decided, DateTime Seen)>(DecidedSql)).ToList();
        var times = rows.Select(row => (row, At: cut[Json.Read<DeploymentRecord>(row.State).Moving.Single().Candidate!.Id].UtcDateTime)).ToList();
        return
        [
            .. times.Select(time => (time.At - time.row.Decided).TotalSeconds).Order(),
            .. times.Select(time => (time.At - time.row.Seen).TotalSeconds).Order(),
        ];
    }

    /// <summary>
    /// Reads what the pools of so many deployments at a time have met, writes it down, and judges: one at a time is the naive way. Seconds for each.
    /// </summary>
    private async Task<double> JudgeBy(int atATime)
    {
        var (store, evidence) = (services.GetRequiredService<IDeploymentStore>(), services.GetRequiredService<EvidenceStore>());
        var (engine, tables) = (services.GetRequiredService<IComputeEngine>(), services.GetRequiredService<IRoutingTables>());
        var records = await Task.WhenAll(Enumerable.Range(FirstWell, Compared).Select(async number =>
            (await store.Find((await store.FindScope(SimulatedCatalog.Scope(number), default))!.InProgress!.Value, default))!));
        var begun = Stopwatch.GetTimestamp();
        foreach (var some in records.Chunk(atATime))
        {
            PoolId[] pools = [.. some.SelectMany(record => record.Moving).SelectMany(lane => lane.Pools).Select(pool => pool.Id)];
            var glance = new Glance(
                (await tables.Traffic(pools, default)).ToDictionary(pool => pool.Pool),
                (await engine.Describe(pools, default)).ToDictionary(pool => pool.Id),
                (await engine.Usage(pools, default)).ToLookup(replica => replica.Pool));
            var at = TimeProvider.System.GetUtcNow();
            var ticks = some.Select(record => (record, Tick: glance.Since(glance.Beginning(record), record, at, TimeSpan.FromSeconds(5)))).ToList();

            // Of deployments that there are not: the real streams stay as they are.
            await evidence.Append([.. ticks.Select(tick => new WrittenTick(new(Guid.CreateVersion7()), 0, at, tick.Tick.ToJson()))], default);
            ticks.ForEach(tick => Judge.Fold(JudgePolicies.Of(tick.record.Policy), Judgement.Begin(), tick.Tick));
        }

        return Stopwatch.GetElapsedTime(begun).TotalSeconds / Compared;
    }

    /// <summary>How many of so many judgements are not what their ticks say when they are judged again.</summary>
    private async Task<double> Replay(int count)
    {
        var (store, evidence, different) = (services.GetRequiredService<IDeploymentStore>(), services.GetRequiredService<EvidenceStore>(), 0);
        for (var number = FirstWell; number < FirstWell + count; number++)
        {
            var id = (await store.FindScope(SimulatedCatalog.Scope(number), default))!.InProgress!.Value;
            var record = (await store.Find(id, default))!;
            var snapshot = (await evidence.Snapshots([id], default))[0];
            var ticks = (await evidence.Ticks([(id, 0)], default))[id].Where(tick => tick.Number <= snapshot.Number);
            var again = ticks.Aggregate(
                Judgement.Begin(), (judgement, tick) => Judge.Fold(JudgePolicies.Of(record.Policy), judgement, Tick.Of(tick.Tick)));
            different += Same(again.ToJson(), snapshot.State) ? 0 : 1;
        }

        return different;

        static bool Same(string one, string two) => JsonElement.DeepEquals(JsonDocument.Parse(one).RootElement, JsonDocument.Parse(two).RootElement);
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
