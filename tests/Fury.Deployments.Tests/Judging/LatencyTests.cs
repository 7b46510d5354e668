using Fury.Deployments.Judging;

namespace Fury.Deployments.Tests.Judging;

public sealed class LatencyTests
{
    private static readonly SimulatedTraffic Traffic = new();
    private static readonly TimeSpan TenMinutes = TimeSpan.FromMinutes(10);

    [Fact]
    public void Three_times_as_many_slow_requests_fail()
    {
        var trial = Trial.Of(Traffic with { SlowRatio = 3 }, seed: 3, TenMinutes);

        Assert.Equal((VerdictKind.Fail, Cause.Worse), (trial.Last.Kind, trial.Last.Cause));
        Assert.StartsWith("latency-p9", trial.Last.Metric);
        Assert.InRange(trial.Ended.TotalSeconds, 30, 300);
    }

    [Theory]
    // Eight milliseconds more are what the distance costs; sixty are not.
    [InlineData(8, false)]
    [InlineData(60, true)]
    public void Latency_that_was_predicted_is_forgiven_and_more_is_not(double added, bool fails)
    {
        var policy = new JudgePolicy { ExtraLatencyMs = 8 };
        var (slow, fast) = (Of(30 + added, 3), Of(30, 20));
        var judgement = Ticks.Lane(slow, fast).Times(60).Judged(policy, stopAt: Cause.Worse);

        Assert.Equal(fails, judgement.Verdict.Kind == VerdictKind.Fail);
        Assert.Equal(VerdictKind.Fail, Ticks.Lane(slow, fast).Times(60).Judged(new() { ExtraLatencyMs = 0 }, stopAt: Cause.Worse).Verdict.Kind);
    }

    [Fact]
    public void The_threshold_is_of_the_ticks_before_so_that_a_slow_minute_of_both_is_nobodys_fault()
    {
        var calm = Ticks.Lane(Of(30, 3), Of(30, 20)).Times(40).Judged();
        var judgement = calm;
        for (var tick = 0; tick < 100; tick++)
        {
            judgement = Ticks.Lane(Of(300, 3), Of(300, 20)).Times(1).Judged(before: judgement);
            Assert.NotEqual(VerdictKind.Fail, judgement.Verdict.Kind);
        }
    }

    [Fact]
    public void A_cold_candidate_is_slow_for_a_while()
    {
        var policy = new JudgePolicy { WarmUpSeconds = 60 };
        LaneTick[] ticks = [.. Ticks.Lane(Of(300, 3), Of(30, 20)).Times(12), .. Ticks.Lane(Of(30, 3), Of(30, 20)).Times(100)];

        Assert.Equal(VerdictKind.Pass, ticks.Judged(policy, stopAt: Cause.Worse).Verdict.Kind);
        Assert.Equal(VerdictKind.Fail, ticks.Judged(policy with { WarmUpSeconds = 0 }, stopAt: Cause.Worse).Verdict.Kind);
    }

    [Fact]
    public void While_it_is_cold_it_does_not_pass()
    {
        var ticks = Ticks.Lane(Of(30, 40), Of(30, 400));

        Assert.Equal(VerdictKind.Insufficient, ticks.Times(30).Judged(new() { WarmUpSeconds = 150 }).Verdict.Kind);
        Assert.Equal(VerdictKind.Pass, ticks.Times(30).Judged(new() { WarmUpSeconds = 0 }).Verdict.Kind);
    }

    [Fact]
    public void A_limit_of_latency_holds_without_a_current_pool()
    {
        var policy = new JudgePolicy { MaxP99Ms = 500 };

        Assert.Equal(VerdictKind.Pass, Ticks.Lane(Of(300, 10), null).Times(60).Judged(policy).Verdict.Kind);
        var verdict = Ticks.Lane(Of(900, 10), null).Times(60).Judged(policy, stopAt: Cause.Limit).Verdict;
        Assert.Equal((VerdictKind.Fail, Cause.Limit, "latency-limit"), (verdict.Kind, verdict.Cause, verdict.Metric));
    }

    [Fact]
    public void Without_measured_latencies_errors_decide_alone() =>
        Assert.Equal(VerdictKind.Pass, Trial.Of(Traffic with { MeasuresLatency = false }, seed: 1, TenMinutes).Last.Kind);

    /// <summary>So many replicas with 50 requests each, six of which take this long and the others 10 ms.</summary>
    private static Arm Of(double slowMs, int replicas)
    {
        var latencies = new long[34];
        latencies[Threshold.Of(10)] = 44;
        latencies[Threshold.Of(slowMs)] += 6;
        var parts = Enumerable.Range(0, replicas).Select(index => new ReplicaCounts($"r{index}", 50, 0, latencies)).ToList();
        return new()
        {
            Requests = 50 * replicas,
            Ready = replicas,
            Latencies = [.. latencies.Select(count => count * replicas)],
            Replicas = parts,
        };
    }
}
