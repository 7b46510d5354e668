using System.Diagnostics;
using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Placement;

namespace Fury.Benchmarks.Placement;

/// <summary>
/// Placement decisions with all constraints on: how many a second, how long one takes, how that grows with the fleet, and a whole platform planned
/// anew; beside the placer that one would write first, on the same fleet in the same run.
/// </summary>
internal static class PlacementBench
{
    private const int Clusters = 500;
    private const int Workloads = 30_000;
    private const int Decisions = 10_000;
    private const int Rounds = 5;
    private const int GreedyDecisions = 1000;
    private const int Seed = 17;

    public static Task<BenchResult> Run(TextWriter output, CancellationToken stop)
    {
        Dictionary<string, double> figures = [];
        var requests = BenchFleet.Requests(Decisions, Seed);
        var busy = new Busyness();
        Warm(requests);
        foreach (var clusters in new[] { Clusters / 2, Clusters, Clusters * 2, Clusters * 4 })
        {
            stop.ThrowIfCancellationRequested();
            Measure($"_{clusters}", () => BenchFleet.Fleet(clusters, Seed), requests, figures, output);
        }

        Measure("_tight", () => BenchFleet.Fleet(Clusters, Seed, tight: true), requests, figures, output);

        figures["decisions_per_s"] = figures[$"decisions_per_s_{Clusters}"];
        figures["p99_ms"] = figures[$"p99_ms_{Clusters}"];
        Update(figures);
        Replan(figures, output);
        Greedy(requests, figures, output);
        figures["foreign_cpu_share"] = busy.Foreign();
        output.WriteLine($"  {figures["foreign_cpu_share"]:P0} of the processors went to other work meanwhile");
        var ratios = new Dictionary<string, double>
        {
            ["decisions_vs_greedy"] = figures["decisions_per_s"] / figures["greedy_decisions_per_s"],
            // Of the medians: a busy moment of the machine is in the means.
            ["cost_2n_vs_n"] = figures[$"p50_ms_{Clusters * 2}"] / figures[$"p50_ms_{Clusters}"],
            ["cost_4n_vs_n"] = figures[$"p50_ms_{Clusters * 4}"] / figures[$"p50_ms_{Clusters}"],
        };
        return Task.FromResult(new BenchResult("placement", figures, ratios)
        {
            Targets =
            [
                Target.Min("decisions_per_s", 5000),
                Target.Max("p99_ms", 10),
                Target.Max("replan_s", 10),
                Target.Min("decisions_vs_greedy", 3),
                Target.Max("cost_4n_vs_n", 6),
            ],
        });
    }

    /// <summary>Until the compiler has seen which code is hot.</summary>
    private static void Warm(List<PlacementRequest> requests)
    {
        var (fleet, planner) = (BenchFleet.Fleet(Clusters, Seed), new Planner());
        for (var round = 0; round < 3; round++)
        {
            foreach (var request in requests.Take(3000))
            {
                planner.Plan(fleet, request, BenchFleet.Now);
            }
        }
    }

    /// <summary>Every decision, and its replicas taken, on a fleet in which a cluster has just changed, as it is while others place; on one thread.</summary>
    private static void Measure(
        string of, Func<Fleet> start, List<PlacementRequest> requests, Dictionary<string, double> figures, TextWriter output)
    {
        var planner = new Planner();
        List<double> rates = [];
        List<double> times = new(Decisions * Rounds);
        var (whole, cpu) = (0, TimeSpan.Zero);
        for (var round = 0; round < Rounds; round++)
        {
            var fleet = start();
            var (begun, used) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            foreach (var request in requests)
            {
                var one = Stopwatch.GetTimestamp();
                var decision = planner.Plan(fleet, request, BenchFleet.Now);
                fleet = Sequence.Take(fleet, request, decision.Added);
                times.Add(Stopwatch.GetElapsedTime(one).TotalMilliseconds);
                whole += decision.Pending == 0 ? 1 : 0;
            }

            rates.Add(requests.Count / Stopwatch.GetElapsedTime(begun).TotalSeconds);
            cpu += Environment.CpuUsage.TotalTime - used;
        }

        times.Sort();
        figures["decisions_per_s" + of] = rates.Median();
        figures["whole_share" + of] = (double)whole / times.Count;
        figures["us_per_decision" + of] = 1e6 / rates.Median();
        figures["cpu_us_per_decision" + of] = cpu.TotalMicroseconds / times.Count;
        figures["p50_ms" + of] = times[times.Count / 2];
        figures["p99_ms" + of] = times[times.Count * 99 / 100];
        output.WriteLine(
            $"  {of[1..],5}  {rates.Median(),8:N0} decisions/s  p50 {times[times.Count / 2]:0.000} ms  p99 {times[times.Count * 99 / 100]:0.000} ms  "
            + $"{figures["whole_share" + of]:P1} placed whole");
    }

    private static void Update(Dictionary<string, double> figures)
    {
        foreach (var clusters in new[] { Clusters, Clusters * 4 })
        {
            var fleet = BenchFleet.Fleet(clusters, Seed);
            var room = fleet.Room(7);
            var begun = Stopwatch.GetTimestamp();
            for (var change = 0; change < Decisions; change++)
            {
                fleet = fleet.Seen("cluster-007", room, BenchFleet.Now);
            }

            figures[$"us_per_change_{clusters}"] = Stopwatch.GetElapsedTime(begun).TotalMicroseconds / Decisions;
        }
    }

    private static void Replan(Dictionary<string, double> figures, TextWriter output)
    {
        var (fleet, requests) = (BenchFleet.Fleet(Clusters, Seed), BenchFleet.Requests(Workloads, Seed));
        var begun = Stopwatch.GetTimestamp();
        var (decisions, _) = Sequence.Plan(fleet, requests, new(), BenchFleet.Now);
        figures["replan_s"] = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        figures["replan_pending"] = decisions.Count(decision => decision.Pending > 0);
        output.WriteLine($"  {Workloads:N0} workloads replanned in {figures["replan_s"]:0.0} s, {figures["replan_pending"]:N0} of them not whole");
    }

    private static void Greedy(List<PlacementRequest> requests, Dictionary<string, double> figures, TextWriter output)
    {
        var greedy = new GreedyPlacer(All(tight: false));
        greedy.Place(requests[0]);
        var begun = Stopwatch.GetTimestamp();
        foreach (var request in requests.Take(GreedyDecisions))
        {
            greedy.Place(request);
        }

        figures["greedy_decisions_per_s"] = GreedyDecisions / Stopwatch.GetElapsedTime(begun).TotalSeconds;
        greedy = new(All(tight: true));
        figures["greedy_whole_share_tight"] = (double)requests.Count(greedy.Place) / requests.Count;
        output.WriteLine(
            $"  the greedy placer: {figures["greedy_decisions_per_s"]:N0} decisions/s; tight, {figures["greedy_whole_share_tight"]:P1} placed whole");
    }

    private static IEnumerable<(Cluster Cluster, ClusterSeen Seen)> All(bool tight)
    {
        var random = new Random(Seed);
        return Enumerable.Range(0, Clusters).Select(number => BenchFleet.Cluster(random, number, tight));
    }
}
