using System.Text;
using Fury.Deployments.Contracts;
using Fury.Deployments.Judging;
using Xunit.Abstractions;

namespace Fury.Deployments.Tests.Judging;

public sealed class ReplayTests(ITestOutputHelper output)
{
    private const int StateBytesMax = 4096;

    private static readonly JudgePolicy SixMetrics = new()
    {
        Metrics = [new("payments", MetricKind.Ratio, Critical: true), new("queue", MetricKind.Value)],
    };

    [Fact]
    public void The_same_ticks_have_the_same_verdicts_also_when_they_were_stored()
    {
        foreach (var seed in Enumerable.Range(1, 10))
        {
            var ticks = Recorded(seed).ToList();
            Assert.Equal(Verdicts(ticks, keep => keep), Verdicts([.. ticks.Select(tick => Tick.Of(tick.ToJson()))], keep => keep));
        }
    }

    [Fact]
    public void A_judgement_that_was_written_and_read_again_goes_on_as_if_it_had_not_been()
    {
        foreach (var seed in Enumerable.Range(1, 10))
        {
            var (ticks, random) = (Recorded(seed).ToList(), new Random(seed));
            Assert.Equal(
                Verdicts(ticks, keep => keep),
                Verdicts(ticks, kept => random.Next(3) == 0 ? Judgement.Of(kept.ToJson()) : kept));
        }
    }

    [Fact]
    public void A_tick_that_was_folded_already_changes_nothing()
    {
        var ticks = Recorded(1).Take(20).ToList();
        var judgement = ticks.Aggregate(Judgement.Begin(), (before, tick) => Judge.Fold(SixMetrics, before, tick));

        Assert.Same(judgement, Judge.Fold(SixMetrics, judgement, ticks[^1]));
        Assert.Same(judgement, Judge.Fold(SixMetrics, judgement, ticks[3]));
    }

    [Fact]
    public void A_judgement_of_one_lane_and_six_metrics_is_small_and_does_not_grow()
    {
        var (judgement, sizes) = (Judgement.Begin(), new List<int>());
        foreach (var tick in Recorded(2, Weight: 0.05, count: 700))
        {
            judgement = Judge.Fold(SixMetrics, judgement, tick);
            sizes.Add(Encoding.UTF8.GetByteCount(judgement.ToJson()));
        }

        output.WriteLine($"{sizes[^1]} bytes after an hour, {sizes.Max()} at most");
        output.WriteLine(judgement.ToJson());
        Assert.InRange(sizes.Max(), 1000, StateBytesMax);
    }

    [Fact]
    public void A_stored_tick_is_short()
    {
        var tick = Recorded(3).ElementAt(50);
        var bare = new SimulatedTraffic { TellsReplicas = false }.Ticks(3, 2).Last();
        output.WriteLine($"{tick.ToJson().Length} bytes with 24 replicas, {bare.ToJson().Length} bytes without");
        output.WriteLine(tick.ToJson());

        Assert.InRange(tick.ToJson().Length, 100, 2500);
        Assert.InRange(bare.ToJson().Length, 100, 300);
    }

    [Fact]
    public void A_tick_of_an_earlier_version_is_read_with_none_for_what_is_missing()
    {
        var tick = Tick.Of("""
            {"t":"2026-11-30T08:00:05+00:00","s":"00:00:05","colour":"red","l":[{"n":"a","c":{"q":10,"mood":3},"b":{"q":90,"e":1,"r":[{"n":"s0","q":90}]}}]}
            """);

        var lane = Assert.Single(tick.Lanes);
        Assert.Equal((10, 0, null, null), (lane.Candidate.Requests, lane.Candidate.Errors, lane.Candidate.Latencies, lane.Candidate.Replicas));
        Assert.Equal(new ReplicaCounts("s0", 90), Assert.Single(lane.Current!.Replicas!));
        Assert.Equal(10, Judge.Fold(new(), Judgement.Begin(), tick).Tallies("errors").Candidate.Total);
        Assert.NotNull(Judge.Fold(new(), Judgement.Begin(), Tick.Of("""{"t":"2026-11-30T08:00:05Z","s":"00:00:05"}""")));
    }

    [Fact]
    public void Latencies_are_read_as_they_were_written()
    {
        foreach (var latencies in new long[][] { [], [0, 0], [5], [0, 0, 3, 0, 9, 0], [1, .. new long[32], 7] })
        {
            var read = Tick.Of(new Tick(
                SimulatedTraffic.Start, TimeSpan.FromSeconds(5), [new("a", new Arm { Latencies = latencies })]).ToJson()).Lanes[0].Candidate.Latencies!;

            Assert.Equal(34, read.Count);
            Assert.Equal(latencies.AsSpan(), [.. read.Take(latencies.Length)]);
        }
    }

    [Fact]
    public void A_policy_that_is_changed_on_the_way_begins_what_it_adds_and_keeps_the_rest()
    {
        var before = Recorded(1).Take(30).Aggregate(Judgement.Begin(), (judgement, tick) => Judge.Fold(new(), judgement, tick));
        var after = Judge.Fold(SixMetrics, before, Recorded(1).ElementAt(30));

        Assert.Equal(Metric.Of(SixMetrics).Select(metric => metric.Name), after.Whole.Select(evidence => evidence.Metric));
        Assert.Equal(Judge.Fold(new(), before, Recorded(1).ElementAt(30)).Whole[0].Worse, after.Whole[0].Worse);
    }

    [Fact]
    public void Whatever_is_told_the_judgement_can_be_written_and_never_passes_for_it()
    {
        for (var seed = 1; seed <= 300; seed++)
        {
            var random = new Random(seed);
            var judgement = Judgement.Begin();
            for (var tick = 0; tick < 30; tick++)
            {
                judgement = judgement.After(SixMetrics, TimeSpan.FromSeconds(random.Next(1, 60)), [.. Enumerable.Range(0, random.Next(3)).Select(lane =>
                    new LaneTick($"lane{random.Next(3)}-{lane}", Strange(random), random.Next(3) == 0 ? null : Strange(random)))]);
                Assert.NotNull(Judgement.Of(judgement.ToJson()));
                Assert.True(judgement.Verdict.Kind != VerdictKind.Pass, $"{seed}: {judgement.Verdict.Reason}");
                Assert.DoesNotContain("NaN", judgement.Verdict.Reason);
            }
        }
    }

    private static Arm Strange(Random random)
    {
        double[] strange = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, -3, 0, 1e300, 7];
        return new()
        {
            Requests = random.Next(4) * random.Next(1000),
            Errors = random.Next(3) * random.Next(2000),
            Latencies = random.Next(2) == 0 ? null : new long[random.Next(60)],
            Replicas = random.Next(2) == 0 ? null : [new("a", random.Next(2000), random.Next(50), [9, 9], random.Next(3)), new("a"), new("b", 5, 50)],
            Ready = random.Next(3),
            CpuSeconds = strange[random.Next(strange.Length)],
            CpuCores = strange[random.Next(strange.Length)],
            Readings =
            [
                new("payments", strange[random.Next(strange.Length)], strange[random.Next(strange.Length)]),
                new("queue", Points: [strange[random.Next(strange.Length)]]),
            ],
        };
    }

    /// <summary>A deployment with an ill replica, errors in clumps, configured metrics and, from the middle on, a regression.</summary>
    private static IEnumerable<Tick> Recorded(int seed, double Weight = 0.2, int count = 200)
    {
        var random = new Random(seed);
        var traffic = new SimulatedTraffic { Weight = Weight, Burst = 3, IllFrom = 30, Onset = count / 2, Ratio = count > 300 ? 1 : 6, Before = 6 };
        foreach (var tick in traffic.Ticks(seed, count))
        {
            var lane = tick.Lanes[0];
            yield return tick with
            {
                Lanes = [lane with { Candidate = Saying(lane.Candidate, random), Current = Saying(lane.Current!, random) }],
            };
        }
    }

    private static Arm Saying(Arm arm, Random random) => arm.Saying(
        new Reading("payments", random.Next(5), 400), new Reading("queue", Points: [100 + random.Next(40)])) with
    { CpuSeconds = arm.Requests * 0.001, CpuCores = 8 };

    private static List<string> Verdicts(IReadOnlyList<Tick> ticks, Func<Judgement, Judgement> keep)
    {
        List<string> verdicts = [];
        var judgement = Judgement.Begin();
        foreach (var tick in ticks)
        {
            judgement = keep(Judge.Fold(SixMetrics, judgement, tick));
            verdicts.Add($"{judgement.Verdict.Kind} {judgement.Verdict.Cause} {judgement.Verdict.Reason}");
        }

        verdicts.Add(judgement.ToJson());
        return verdicts;
    }
}
