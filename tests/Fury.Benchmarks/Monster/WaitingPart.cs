using System.Diagnostics;

namespace Fury.Benchmarks.Monster;

/// <summary>
/// 100,000 sagas that wait, what they cost a minute long, and a million: how soon a fresh host has them all in hand, and how much memory
/// that takes. What they wait for is said in <see cref="WaitingMix"/>.
/// </summary>
internal static class WaitingPart
{
    private const int Sagas = 100_000;
    private const int Million = 1_000_000;

    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LoadedWithin = TimeSpan.FromMinutes(3);

    private const string WaitingSql = "select count(*) from lm.saga where state = 2";

    private const string ConnectionsSql =
        "select count(*) from pg_stat_activity where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()";

    private const string CommitsSql = "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint";

    public static async Task Run(Ground ground)
    {
        var database = await ground.Cluster.CreateDatabase("waiting", ground.Stop);
        await using (var host = await HostProcess.Start(database, ground.Stop))
        {
            await Task.Delay(Settle, ground.Stop);
            (ground.Findings.Figures["idle_empty_cpu_percent"], _) = await Busy(ground, host, Settle);
            var clock = Stopwatch.StartNew();
            await host.Ask<Done>(new Order.Wait("idle", WaitingKind.IdleMix, Sagas), ground.Stop);
            ground.Findings.Figures["waiting_starts_per_second"] = Sagas / clock.Elapsed.TotalSeconds;
            ground.Say($"  {Sagas:N0} sagas started in {clock.Elapsed.TotalSeconds:0.0} s");
            await Until.True(async () => await database.Number(WaitingSql, ground.Stop) >= Sagas, LoadedWithin, "all sagas wait", ground.Stop);
            await MeasureIdle(ground, database, host);
            foreach (var (_, place) in WaitingMix.Kinds)
            {
                await host.Ask<Done>(new Order.Wait("original", WaitingKind.IdleMix, 1, Copies.FirstOriginal + place), ground.Stop);
            }

            await Until.True(
                async () => await database.Number(WaitingSql, ground.Stop) >= Sagas + WaitingMix.Kinds.Count(),
                LoadedWithin,
                "the originals wait",
                ground.Stop);
            await host.Stop();
        }

        await Multiply(ground, database);
        await MeasureMillion(ground, database);
    }

    private static async Task MeasureIdle(Ground ground, Database database, HostProcess host)
    {
        // As autovacuum would once, within the minute that follows; what is asked here is what waiting costs, not what starting has cost.
        await database.Execute("vacuum analyze", ground.Stop);
        await Task.Delay(Settle, ground.Stop);
        await host.Ask<Done>(new Order.Mark(), ground.Stop);
        var commits = await database.Number(CommitsSql, ground.Stop);
        var (percent, hostPercent) = await Busy(ground, host, Window);
        var looked = await host.Ask<Looked>(new Order.Look(), ground.Stop);
        var figures = ground.Findings.Figures;
        figures["idle_waiting_cpu_percent"] = percent;
        figures["idle_waiting_host_cpu_percent"] = hostPercent;
        figures["idle_waiting_polls_per_second"] = looked.Asked / Window.TotalSeconds;
        figures["idle_waiting_commits_per_second"] = (await database.Number(CommitsSql, ground.Stop) - commits) / Window.TotalSeconds;
        figures["idle_waiting_connections"] = await database.Number(ConnectionsSql, ground.Stop);
        figures["idle_waiting_rss_mb"] = Proc.ResidentMegabytes(host.Pid);
        ground.Say($"  over {Window.TotalSeconds:0} s: {percent:0.00} % of a core, of it the host {hostPercent:0.00} %; {looked.Asked:N0} polls");
    }

    /// <summary>The first kinds' shares of what is missing to a million, by SQL: a million starts one by one take minutes.</summary>
    private static async Task Multiply(Ground ground, Database database)
    {
        var (clock, copies, skip) = (Stopwatch.StartNew(), new Copies(database), 0);
        foreach (var (percent, place) in WaitingMix.Kinds)
        {
            var (original, count) = (Copies.FirstOriginal + place, (Million - Sagas) / 100 * percent);
            await copies.Make(ClosedLoop.Key("original", original), original, skip, count, ground.Stop);
            skip += count;
        }

        await database.Execute("vacuum analyze", ground.Stop);
        ground.Say($"  {skip:N0} copies by SQL in {clock.Elapsed.TotalSeconds:0.0} s");
    }

    private static async Task MeasureMillion(Ground ground, Database database)
    {
        var clock = Stopwatch.StartNew();
        await using var host = await HostProcess.Start(database, ground.Stop);
        var joined = clock.Elapsed;
        TimeSpan? first = null;
        await Until.True(
            async () =>
            {
                var askers = (await host.Ask<Looked>(new Order.Look(), ground.Stop)).Askers;
                first ??= askers > 0 ? clock.Elapsed : null;
                return askers >= WaitingMix.Askers(Million);
            },
            LoadedWithin,
            "all that ask have asked",
            ground.Stop);
        var figures = ground.Findings.Figures;
        figures["million_waiting_joined_s"] = joined.TotalSeconds;
        figures["million_waiting_loaded_s"] = first!.Value.TotalSeconds;
        figures["million_waiting_all_asked_s"] = clock.Elapsed.TotalSeconds;
        await Task.Delay(Settle, ground.Stop);
        (figures["million_waiting_cpu_percent"], _) = await Busy(ground, host, Window);
        figures["million_waiting_rss_mb"] = Proc.ResidentMegabytes(host.Pid);
        figures["million_waiting_managed_mb"] = (await host.Ask<Looked>(new Order.Look(Collect: true), ground.Stop)).ManagedMegabytes;
        ground.Say(
            $"  a million: member after {joined.TotalSeconds:0.0} s, loaded after {first.Value.TotalSeconds:0.0} s, "
            + $"all have asked after {figures["million_waiting_all_asked_s"]:0.0} s; "
            + $"{figures["million_waiting_rss_mb"]:N0} MB resident, {figures["million_waiting_managed_mb"]:N0} MB of objects");
        await host.Kill();
    }

    /// <summary>Processor time in percent of one core: of host and PostgreSQL together, and of the host alone.</summary>
    private static async Task<(double All, double Host)> Busy(Ground ground, HostProcess host, TimeSpan window)
    {
        var (clock, hostBefore, postgresBefore) = (Stopwatch.StartNew(), Proc.Cpu(host.Pid), ground.Cluster.Cpu());
        await Task.Delay(window, ground.Stop);
        var hostUsed = Proc.Cpu(host.Pid) - hostBefore;
        return (100 * (hostUsed + ground.Cluster.Cpu() - postgresBefore) / clock.Elapsed, 100 * hostUsed / clock.Elapsed);
    }
}
