using Fury.Deployments.Judging;

namespace Fury.Deployments.Tests.Judging;

public sealed class LaneTests
{
    private static readonly TimeSpan Five = TimeSpan.FromSeconds(5);

    [Fact]
    public void A_regression_in_one_cloud_of_three_takes_that_cloud_back_and_no_other()
    {
        SimulatedTraffic[] lanes = [.. Enumerable.Range(0, 40).Select(index => new SimulatedTraffic
        {
            Lane = $"{(index < 13 ? "bad" : index < 26 ? "good" : "other")}/region/{index}",
            RequestsPerSecond = 50,
            Weight = 0.1,
            Candidates = 2,
            Currents = 4,
            MeasuresLatency = false,
            Ratio = index < 13 ? 10 : 1,
        })];
        var judgement = Judgement.Begin();
        foreach (var tick in SimulatedLanes.Ticks(lanes, seed: 5, count: 100).TakeWhile(_ => judgement.Verdict.Kind != VerdictKind.Fail))
        {
            judgement = Judge.Fold(new(), judgement, tick);
        }

        Assert.Equal(VerdictKind.Fail, judgement.Verdict.Kind);
        Assert.Equal(lanes[..13].Select(lane => lane.Lane), judgement.Verdict.Failing!);
        Assert.Equal(lanes[13..].Select(lane => lane.Lane), judgement.Verdict.Sound!);
    }

    [Fact]
    public void One_bad_lane_among_many_is_found_by_its_own_evidence()
    {
        var judgement = Judgement.Begin();
        for (var tick = 0; tick < 40 && judgement.Verdict.Kind != VerdictKind.Fail; tick++)
        {
            judgement = judgement.After(null, Five, [.. Enumerable.Range(0, 20).Select(index => Of($"cloud{index}/r/c", index == 7 ? 2 : 0))]);
        }

        Assert.Equal((VerdictKind.Fail, Cause.Worse), (judgement.Verdict.Kind, judgement.Verdict.Cause));
        Assert.Equal(["cloud7/r/c"], judgement.Verdict.Failing!);
        Assert.Equal(19, judgement.Verdict.Sound!.Count);
    }

    [Fact]
    public void A_lane_that_was_taken_back_is_still_the_one_that_fails_and_no_other_is()
    {
        var before = Judgement.Begin();
        for (var tick = 0; tick < 40 && before.Verdict.Kind != VerdictKind.Fail; tick++)
        {
            before = before.After(null, Five, Of("bad/r/c", 2), Of("good/r/c", 0), Of("other/r/c", 0));
        }

        var gone = Ticks.Lane(Ticks.Of("c", 0, 0, 0), Ticks.Of("s", 1000, 1, 1, 0), "bad/r/c");
        var after = Judge.Fold(new(), before, new(before.At!.Value + Five, Five, [gone, Of("good/r/c", 0), Of("other/r/c", 0)]) { Step = 2 });

        Assert.Equal(["bad/r/c"], before.Verdict.Failing!);
        Assert.Equal((VerdictKind.Fail, "bad/r/c"), (after.Verdict.Kind, Assert.Single(after.Verdict.Failing!)));
    }

    [Fact]
    public void Many_small_lanes_pass_as_fast_as_one_large_one()
    {
        Assert.Equal(TicksToPass(1, 400), TicksToPass(40, 10), 10.0);

        static double TicksToPass(int lanes, int requests)
        {
            var (judgement, ticks) = (Judgement.Begin(), 0);
            while (judgement.Verdict.Kind != VerdictKind.Pass && ticks++ < 1000)
            {
                judgement = judgement.After(null, Five, [.. Enumerable.Range(0, lanes).Select(lane => Ticks.Lane(
                    Ticks.Of("c", requests / 2, 0, 0), Ticks.Of("s", requests, 0, 0), $"cloud/r/{lane}"))]);
            }

            return ticks;
        }
    }

    [Fact]
    public void A_lane_against_which_much_speaks_does_not_pass_with_the_others()
    {
        var good = Enumerable.Range(0, 9).Select(index => Of($"good/r/{index}", 0)).ToArray();
        var judgement = Judgement.Begin();
        for (var tick = 0; tick < 300; tick++)
        {
            judgement = judgement.After(null, Five, good);
        }

        Assert.Equal(VerdictKind.Pass, judgement.Verdict.Kind);
        for (var tick = 0; tick < 3; tick++)
        {
            judgement = judgement.After(null, Five, [.. good, Of("bad/r/0", 1)]);
        }

        Assert.Equal((VerdictKind.Insufficient, Cause.Undecided), (judgement.Verdict.Kind, judgement.Verdict.Cause));
    }

    [Fact]
    public void The_first_lane_keeps_what_was_seen_of_it_when_a_second_comes()
    {
        var alone = Of("a/r/0", 1).Times(4).Judged();
        var both = alone.After(null, Five, Of("a/r/0", 0), Of("b/r/0", 0));

        Assert.Empty(alone.Lanes[0].Evidence);
        Assert.True(Evidence.Of(both.Lanes[0].Evidence[0].Worse) > 1);
        Assert.True(Evidence.Of(both.Lanes[1].Evidence[0].Worse) < 0.1);
    }

    [Fact]
    public void A_lane_that_is_no_longer_told_of_holds_the_pass()
    {
        var both = Judgement.Begin();
        for (var tick = 0; tick < 300; tick++)
        {
            both = both.After(null, Five, Of("a/r/0", 0), Of("b/r/0", 0));
        }

        Assert.Equal(VerdictKind.Pass, both.Verdict.Kind);
        var one = Of("a/r/0", 0).Times(7).Judged(before: both);
        Assert.Equal((VerdictKind.Insufficient, Cause.NoData), (one.Verdict.Kind, one.Verdict.Cause));
        Assert.Contains("b/r/0", one.Verdict.Reason);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void When_both_suffer_alike_it_is_shared_and_nobody_is_taken_back(int candidates)
    {
        var calm = Ticks.Lane(Ticks.Of(20, new long[candidates]), Ticks.Of("s", 100, 0, 0, 0, 0)).Times(20).Judged();
        var suffers = Ticks.Lane(Ticks.Of(20, [.. Enumerable.Repeat(10L, candidates)]), Ticks.Of("s", 100, 50, 50, 50, 50));
        var judgement = calm;
        for (var tick = 0; tick < 60; tick++)
        {
            judgement = suffers.Times(1).Judged(before: judgement);
            Assert.NotEqual(VerdictKind.Fail, judgement.Verdict.Kind);
        }

        Assert.Equal((VerdictKind.Inconclusive, Cause.Shared), (judgement.Verdict.Kind, judgement.Verdict.Cause));
        Assert.StartsWith($"Both suffer in {Ticks.Here}", judgement.Verdict.Reason);
    }

    [Fact]
    public void A_guard_that_only_the_candidate_breaks_fails_though_the_ratio_could_not_tell_yet()
    {
        var policy = new JudgePolicy { MaxErrorPercent = 1, ToleratedRatio = 90, AcceptableRatio = 99 };
        var verdict = Ticks.Lane(Ticks.Of(100, 5, 5, 5), Ticks.Of("s", 100, 0, 1, 0, 1)).Times(20).Judged(policy).Verdict;

        Assert.Equal((VerdictKind.Fail, Cause.Limit), (verdict.Kind, verdict.Cause));
    }

    private static LaneTick Of(string lane, long errors) => Ticks.Lane(Ticks.Of($"{lane}-c", 100, errors, errors, errors), Ticks.Of("s", 1000, 1, 1, 0), lane);
}
