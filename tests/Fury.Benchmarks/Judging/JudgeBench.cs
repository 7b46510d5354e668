using System.Diagnostics;
using System.Globalization;
using System.Text;
using Fury.Benchmarks.Placement;
using Fury.Deployments.Contracts;
using Fury.Deployments.Judging;
using Fury.Deployments.Tests.Judging;

namespace Fury.Benchmarks.Judging;

/// <summary>
/// The judge over simulated deployments of an hour: how often one that is no worse is taken back, how soon one that is worse, how soon one as good passes;
/// beside the judges that others document, on the same ticks. Then its speed and its size. All seeds are fixed.
/// </summary>
internal static class JudgeBench
{
    private const int Seed = 1000;
    private const int NullRuns = 4000;
    private const int OtherNullRuns = 1000;
    private const int Runs = 400;
    private const int CertifyRuns = 100;

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly SimulatedTraffic Traffic = new();

    private static readonly (string Name, Func<IPeer> New)[] Peers =
    [
        ("argo", ThresholdJudge.Argo),
        ("flagger", ThresholdJudge.Flagger),
        ("undispersed", () => new NaiveEvidence()),
    ];

    public static Task<BenchResult> Run(TextWriter output, CancellationToken stop)
    {
        Dictionary<string, double> figures = [];
        var busy = new Busyness();
        output.WriteLine($"  seeds from {Seed} on; 1,000 requests/s, 5 % to the candidate, 0.1 % errors, load ±30 %, errors ±50 %, ticks of 5 s,");
        output.WriteLine("  4 and 20 replicas");
        FalseRollbacks(figures, output, stop);
        Detection(figures, output, stop);
        Certification(figures, output, stop);
        Speed(figures);
        figures["foreign_cpu_share"] = busy.Foreign();
        return Task.FromResult(new BenchResult("judge", figures, new Dictionary<string, double>())
        {
            Targets =
            [
                Target.Max("false_rollbacks_per_1000_burst1", 1),
                Target.Max("false_rollbacks_per_1000_burst5", 1),
                Target.Max("false_rollbacks_per_1000_burst20", 1),
                Target.Max("false_rollbacks_per_1000_ill_replica", 1),
                Target.Max("false_rollbacks_per_1000_both_arms_fail", 0),
                Target.Max("detect_10x_1000rps_median_s", 30),
                Target.Max("excess_errors_at_detection_median", 20),
                .. Certifications().Select(each => Target.Max(each.Name, 2 * each.Designed)),
                Target.Max("state_bytes", 4096),
                // 5,000 deployments every five seconds, on a quarter of a core.
                Target.Min("folds_per_s", 4000),
            ],
        });
    }

    private static void FalseRollbacks(Dictionary<string, double> figures, TextWriter output, CancellationToken stop)
    {
        foreach (var burst in new[] { 1, 5, 20 })
        {
            stop.ThrowIfCancellationRequested();
            var traffic = Traffic with { Burst = burst };
            var trials = Trial.Many(NullRuns, traffic, Hour, Seed);
            Note($"_burst{burst}", trials);
            figures[$"ill_replicas_per_1000_burst{burst}"] = PerThousand(trials, trial => trial.Nodes > 0);
            foreach (var (name, peer) in Peers)
            {
                var ends = Ends(peer, traffic, OtherNullRuns, Hour);
                figures[$"{name}_false_rollbacks_per_1000_burst{burst}"] = PerThousand(ends, end => end is not null);
            }
        }

        Note("_burst5_replicas_untold", Trial.Many(OtherNullRuns, Traffic with { Burst = 5, TellsReplicas = false }, Hour, Seed));
        Note("_ill_replica", Trial.Many(OtherNullRuns, Traffic with { IllFrom = 60 }, Hour / 4, Seed));
        Note("_both_arms_fail", Trial.Many(OtherNullRuns, Traffic with { Incident = 60..120 }, Hour / 4, Seed));
        // A scope that was never seen, half of whose traffic goes to the candidate at once.
        var half = Traffic with { Burst = 10, Weight = 0.5, Candidates = 8, Currents = 8, ErrorShare = 0.002 };
        Note("_burst10_half_at_once", Trial.Many(OtherNullRuns, half, Hour / 6, Seed));

        void Note(string of, Trial[] trials)
        {
            figures["false_rollbacks_per_1000" + of] = PerThousand(trials, trial => trial.Failed);
            output.WriteLine($"  {of[1..],-24} {trials.Count(trial => trial.Failed)} of {trials.Length} taken back");
        }
    }

    private static void Detection(Dictionary<string, double> figures, TextWriter output, CancellationToken stop)
    {
        foreach (var (of, ratio) in new[] { ("5x", 5), ("10x", 10), ("100x", 100) })
        {
            stop.ThrowIfCancellationRequested();
            var traffic = Traffic with { Ratio = ratio };
            var trials = Trial.Many(Runs, traffic, Hour, Seed);
            var seconds = trials.Select(trial => trial.Failed ? trial.Ended.TotalSeconds : Hour.TotalSeconds).Order().ToList();
            figures[$"detect_{of}_1000rps_median_s"] = seconds[Runs / 2];
            figures[$"detect_{of}_1000rps_p95_s"] = seconds[Runs * 95 / 100];
            figures[$"excess_errors_{of}_median"] = trials.Select(trial => trial.Excess).Median();
            output.WriteLine($"  {of,-5} found after {seconds[Runs / 2]:0} s (p95 {seconds[Runs * 95 / 100]:0} s), ");
            output.WriteLine($"        {figures[$"excess_errors_{of}_median"]:0.#} errors too many");
            foreach (var (name, peer) in Peers)
            {
                var ends = Ends(peer, traffic, CertifyRuns, Hour);
                figures[$"{name}_detect_{of}_found_share"] = ends.Count(end => end is not null) / (double)CertifyRuns;
                if (ends.Any(end => end is not null))
                {
                    figures[$"{name}_detect_{of}_median_s"] = ends.Where(end => end is not null).Select(end => end!.Value.TotalSeconds).Median();
                }
            }
        }

        figures["excess_errors_at_detection_median"] = figures["excess_errors_10x_median"];
        figures["detect_10x_after_30_min_median_s"] =
            Trial.Many(CertifyRuns, Traffic with { Ratio = 10, Onset = 360 }, Hour, Seed).Select(trial => trial.Ended.TotalSeconds).Median();
        figures["detect_10x_burst5_median_s"] =
            Trial.Many(CertifyRuns, Traffic with { Ratio = 10, Burst = 5 }, Hour, Seed).Select(trial => trial.Ended.TotalSeconds).Median();
        figures["passes_of_twice_the_errors_per_1000"] =
            PerThousand(Trial.Many(Runs, Traffic with { Ratio = 2 }, Hour, Seed), trial => trial.Passed is not null);
    }

    /// <summary>The times of the simulation that the judge was designed by, in seconds.</summary>
    private static IEnumerable<(string Name, double Designed, double RequestsPerSecond, double Weight, double Ratio)> Certifications() =>
        from each in new[]
        {
            (100, 0.05, 1620.0, 4860.0), (100, 0.5, 300, 1480), (1000, 0.01, 760, 2750), (1000, 0.05, 240, 680), (1000, 0.5, 60, 120), (10_000, 0.05, 30, 70),
        }
        from ratio in new[] { 2, 1.5 }
        select (
            string.Create(CultureInfo.InvariantCulture, $"certify_{ratio}_{each.Item1}rps_{100 * each.Item2}pc_median_s"),
            ratio == 2 ? each.Item3 : each.Item4,
            (double)each.Item1,
            each.Item2,
            ratio);

    private static void Certification(Dictionary<string, double> figures, TextWriter output, CancellationToken stop)
    {
        foreach (var (name, designed, requestsPerSecond, weight, ratio) in Certifications())
        {
            stop.ThrowIfCancellationRequested();
            // By the ratio alone, as there; latency has ratios of its own.
            var policy = new JudgePolicy { AcceptableRatio = ratio, NegligibleErrorPercent = 1e-6 };
            var traffic = Traffic with
            {
                RequestsPerSecond = requestsPerSecond,
                Weight = weight,
                Candidates = Math.Max(1, (int)(24 * weight)),
                Currents = (int)(24 * (1 - weight)),
            };
            var trials = Trial.Many(CertifyRuns, traffic, TimeSpan.FromSeconds(designed * 4), Seed, policy, untilPassed: true);
            figures[name] = trials.Select(trial => trial.Passed?.TotalSeconds ?? designed * 4).Median();
            figures[name.Replace("median", "expected")] = Power.ToPass(policy, new(requestsPerSecond, weight, traffic.ErrorShare))!.Value.TotalSeconds;
            output.WriteLine($"  {name}: {figures[name]:0} s, designed {designed:0} s");
        }
    }

    /// <summary>One core, six metrics, 24 replicas told of.</summary>
    private static void Speed(Dictionary<string, double> figures)
    {
        var policy = new JudgePolicy { Metrics = [new("payments", MetricKind.Ratio), new("queue", MetricKind.Value)] };
        var ticks = Traffic.Ticks(Seed, 720).Select(tick => tick with
        {
            Lanes = [tick.Lanes[0] with { Candidate = Saying(tick.Lanes[0].Candidate), Current = Saying(tick.Lanes[0].Current!) }],
        }).ToList();
        List<double> rates = [];
        for (var round = 0; round < 12; round++)
        {
            var (judgement, begun) = (Judgement.Begin(), Stopwatch.GetTimestamp());
            foreach (var tick in ticks)
            {
                judgement = Judge.Fold(policy, judgement, tick);
            }

            rates.Add(ticks.Count / Stopwatch.GetElapsedTime(begun).TotalSeconds);
            figures["state_bytes"] = Encoding.UTF8.GetByteCount(judgement.ToJson());
        }

        figures["folds_per_s"] = rates.Skip(2).Median();
        figures["state_bytes_in_memory"] = InMemory(policy, ticks);
        figures["tick_bytes"] = ticks[100].ToJson().Length;
        figures["tick_bytes_replicas_untold"] = (Traffic with { TellsReplicas = false }).Ticks(Seed, 101).Last().ToJson().Length;

        static Arm Saying(Arm arm) =>
            arm with { Readings = [new("payments", arm.Requests / 1000, arm.Requests), new("queue", Points: [100 + (arm.Requests % 40)])] };
    }

    /// <summary>As it is kept between two ticks.</summary>
    private static double InMemory(JudgePolicy policy, List<Tick> ticks)
    {
        const int Copies = 200;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var copies = Enumerable.Range(0, Copies)
            .Select(_ => ticks.Take(100).Aggregate(Judgement.Begin(), (judgement, tick) => Judge.Fold(policy, judgement, tick))).ToList();
        var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Copies;
        GC.KeepAlive(copies);
        return bytes;
    }

    private static double PerThousand<T>(IReadOnlyCollection<T> trials, Func<T, bool> of) => 1000.0 * trials.Count(of) / trials.Count;

    private static TimeSpan?[] Ends(Func<IPeer> peer, SimulatedTraffic traffic, int runs, TimeSpan span)
    {
        var ends = new TimeSpan?[runs];
        Parallel.For(0, runs, run =>
        {
            var (judge, at) = (peer(), TimeSpan.Zero);
            foreach (var tick in (traffic with { MeasuresLatency = false }).Ticks(Seed + run, (int)(span / traffic.Span)))
            {
                at += tick.Span;
                if (judge.Fails(tick))
                {
                    ends[run] = at;
                    break;
                }
            }
        });
        return ends;
    }
}
