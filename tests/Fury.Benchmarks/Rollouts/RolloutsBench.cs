using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Fury.Benchmarks.Monster;

namespace Fury.Benchmarks.Rollouts;

/// <summary>
/// Thousands of Safe deployments in flight on one host: how late their ticks are judged, what that costs, how soon the traffic of a candidate that turns
/// bad is gone, and how soon a host that was killed has all of them in hand again.
/// </summary>
internal static class RolloutsBench
{
    private const int InFlight = 5000;
    private const int Sick = 200;
    private const int Replayed = 50;

    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private const string InFlightSql = "select count(*) from deployments.deployment where ended_at is null";

    private const string LostSql = """
        select count(*) from (
            select 1 from deployments.evidence where number > 0 group by deployment having count(*) <> max(number) or min(number) <> 1) as broken
        """;

    public static async Task<BenchResult> Run(TextWriter output, CancellationToken stop)
    {
        await using var server = await Cluster.Start(stop);
        var database = await server.CreateDatabase("rollouts", stop);
        var folder = Directory.CreateTempSubdirectory("fury-bench-rollouts-").FullName;
        Dictionary<string, double> figures = [];
        try
        {
            await using (var host = await Start())
            {
                figures["first_deployments_s"] = (await Ask(host, $"deploy 1.0.0 all-in {InFlight}"))[0];
                output.WriteLine($"  {InFlight:N0} scopes had their first deployment in {figures["first_deployments_s"]:0} s");
                figures["starting_s"] = (await Ask(host, $"deploy 2.0.0 safe {InFlight}"))[0];
                output.WriteLine($"  {InFlight:N0} Safe deployments have their first weight after {figures["starting_s"]:0} s");
                await Judging(host);
                await GoingBack(host);
                figures["judged_one_by_one_ms"] = (await Ask(host, "judge-by 1"))[0] * 1000;
                figures["judged_together_ms"] = (await Ask(host, "judge-by 500"))[0] * 1000;
                figures["replays_that_differ"] = (await Ask(host, $"replay {Replayed}"))[0];
                await host.Kill();
            }

            await StartingAgain();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        var ratios = new Dictionary<string, double> { ["one_by_one_over_together"] = figures["judged_one_by_one_ms"] / figures["judged_together_ms"] };
        return new("rollouts", figures, ratios)
        {
            Targets =
            [
                Target.Max("tick_lag_p99_s", 1), Target.Max("rss_mb", 2048), Target.Max("host_cpu_percent", 100),
                Target.Max("rollback_publish_p99_s", 1), Target.Max("cold_restart_s", 30), Target.Max("ticks_lost", 0), Target.Max("replays_that_differ", 0),
            ],
        };

        async Task<Child> Start() => (await Child.Part([RolloutsPart.Name, folder, database.ConnectionString], stop, asHost: true)).Child;

        async Task<double[]> Ask(Child host, string line) => JsonSerializer.Deserialize<double[]>(await host.Ask(line, stop))!;

        async Task Judging(Child host)
        {
            await Task.Delay(Settle, stop); // What the start had to write is done.
            await Ask(host, "lags");
            var (clock, used, stored) = (Stopwatch.StartNew(), Proc.Cpu(host.Pid), server.Cpu());
            await Task.Delay(Window, stop);
            var lags = await Ask(host, "lags");
            figures["in_flight"] = await database.Number(InFlightSql, stop);
            figures["host_cpu_percent"] = (Proc.Cpu(host.Pid) - used) / clock.Elapsed * 100;
            figures["postgres_cpu_percent"] = (server.Cpu() - stored) / clock.Elapsed * 100;
            (figures["ticks"], figures["tick_lag_p50_s"], figures["tick_lag_p99_s"], figures["tick_lag_max_s"]) = (lags[0], lags[1], lags[2], lags[3]);
            figures["cpu_ms_per_tick"] = figures["host_cpu_percent"] * 10 * clock.Elapsed.TotalSeconds / lags[0];
            figures["rss_mb"] = Proc.ResidentMegabytes(host.Pid);
            output.WriteLine(
                $"  {lags[0]:N0} ticks: late by {lags[1]:0.00} s, p99 {lags[2]:0.00} s; host {figures["host_cpu_percent"]:0} % of a core, "
                + $"PostgreSQL {figures["postgres_cpu_percent"]:0} %, {figures["rss_mb"]:N0} MB");
        }

        async Task GoingBack(Child host)
        {
            await Ask(host, $"sicken {Sick}");
            var clock = Stopwatch.StartNew();
            await Until.True(async () => (await Ask(host, "cut"))[0] >= Sick, Patience, $"the traffic of {Sick} sick candidates is gone", stop);
            var gone = clock.Elapsed;
            await Until.True(async () => await database.Number(InFlightSql, stop) <= InFlight - Sick, Patience, "they have ended", stop);
            var times = await Ask(host, "cuts");
            var (decided, seen) = (times[..(times.Length / 2)], times[(times.Length / 2)..]);
            figures["rollback_publish_p50_s"] = decided[decided.Length / 2];
            figures["rollback_publish_p99_s"] = decided[decided.Length * 99 / 100];
            figures["rollback_publish_since_tick_p99_s"] = seen[seen.Length * 99 / 100];
            output.WriteLine(
                $"  {Sick} turned sick: all their traffic gone after {gone.TotalSeconds:0} s; "
                + $"{figures["rollback_publish_p99_s"]:0.00} s (p99) after the decision");
        }

        async Task StartingAgain()
        {
            figures["ticks_lost"] = await database.Number(LostSql, stop);
            var (clock, killed) = (Stopwatch.StartNew(), TimeProvider.System.GetUtcNow());
            await using var host = await Start();
            figures["host_started_s"] = clock.Elapsed.TotalSeconds;
            var judged = string.Create(
                CultureInfo.InvariantCulture, $"select count(distinct deployment) from deployments.evidence where number > 0 and at > '{killed:O}'");
            var live = await database.Number(InFlightSql, stop);
            await Until.True(async () => await database.Number(judged, stop) >= live, Patience, "all are judged again", stop);
            figures["cold_restart_s"] = clock.Elapsed.TotalSeconds;
            figures["ticks_lost"] += await database.Number(LostSql, stop);
            figures["replays_that_differ"] += (await Ask(host, $"replay {Replayed}"))[0];
            output.WriteLine($"  killed and started again: {live:N0} are driven and judged after {figures["cold_restart_s"]:0.0} s");
        }
    }
}
