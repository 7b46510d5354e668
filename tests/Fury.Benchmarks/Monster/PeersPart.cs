using System.Globalization;

namespace Fury.Benchmarks.Monster;

/// <summary>
/// Five-step sagas beside five-step workflows of DBOS, in turns, 64 in flight. Beside them, for the scale, job queues: their jobs are one
/// step each, and all are in the queue before the first is taken.
/// </summary>
internal static class PeersPart
{
    private const int Rounds = 3;
    private const int QueueRounds = 2;
    private const int InFlight = 64;

    private static readonly (string Name, string Driver, string[] Arguments)[] Queues =
    [
        ("graphile_plain", "graphile", ["plain", "8000"]),
        ("graphile_batched", "graphile", ["batched", "60000"]),
        ("pgboss_batches", "pgboss", ["8", "100", "20000"]),
    ];

    public static async Task Run(Ground ground)
    {
        if (await Peers.Prepare(ground.Output, ground.Stop) is not { } peers)
        {
            return;
        }

        var database = await ground.Cluster.CreateDatabase("peers", ground.Stop);
        await using var host = await HostProcess.Start(database, ground.Stop);
        var meter = new Meter(ground.Cluster, database, host);
        await host.Run("warm-up", InFlight, SpeedPart.WarmUp, ground.Stop);
        List<Sample> ours = [];
        List<PeerRun> dbos = [];
        for (var round = 1; round <= Rounds; round++)
        {
            ours.Add(await meter.Measure($"{round}", InFlight, SpeedPart.RoundDuration, ground.Stop));
            ground.Say($"  Little Monster    {ours[^1]}");
            dbos.Add(await Measure(ground, peers, "dbos", "dbos", [$"{InFlight}", $"{SpeedPart.RoundDuration.TotalSeconds}"]));
        }

        await host.Stop();
        ground.WarnOfOthers(ours);
        ground.Findings.Ratios["vs_dbos"] = ours.Zip(dbos, (saga, workflow) => saga.Finished.PerSecond / workflow.PerSecond).Median();
        Report(ground, "dbos_workflows", dbos);
        ground.Findings.Figures["dbos_p50_ms"] = dbos.Select(run => run.P50Ms).Median();
        foreach (var (name, driver, arguments) in Queues)
        {
            List<PeerRun> runs = [];
            for (var round = 1; round <= QueueRounds; round++)
            {
                runs.Add(await Measure(ground, peers, name, driver, arguments));
            }

            Report(ground, $"{name}_jobs", runs);
        }
    }

    private static async Task<PeerRun> Measure(Ground ground, Peers peers, string name, string driver, string[] arguments)
    {
        var run = await peers.Run(ground.Cluster, driver, arguments, ground.Stop);
        ground.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"  {name,-17} {run.PerSecond,7:N0}/s  {(run.P50Ms > 0 ? $"p50 {run.P50Ms,6:0.0} ms" : ""),-13}  own CPU {run.CpuMs / run.Count:0.000} ms"));
        return run;
    }

    private static void Report(Ground ground, string name, List<PeerRun> runs)
    {
        ground.Findings.Figures[$"{name}_per_second"] = runs.Select(run => run.PerSecond).Median();
        ground.Findings.Figures[$"{name}_own_cpu_ms"] = runs.Select(run => run.CpuMs / run.Count).Median();
    }
}
