using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Judging;
using Fury.Deployments.Planning;
using Fury.Kernel;
using static Fury.Deployments.Tests.AMoment;

namespace Fury.Deployments.Tests.Judging;

/// <summary>The table of what is recommended when, with the numbers.</summary>
public sealed class RecommendationsTests
{
    private static readonly InstanceId Sound = InstanceId.New(TimeProvider.System);
    private static readonly InstanceId Sick = InstanceId.New(TimeProvider.System);

    [Theory]
    [InlineData(50, 200, 1, 4000, true)]
    [InlineData(50, 200, 0, 0, true)]
    [InlineData(50, 200, 900, 4000, false)]
    [InlineData(5, 20, 0, 4000, false)]
    [InlineData(0, 200, 40, 4000, false)]
    public void Errors_under_a_full_processor_alone_ask_for_more_replicas(double saturated, double ofThese, double relaxed, double ofThose, bool recommended)
    {
        var judgement = Failed(Metric.Errors, new Work(Saturated: new(saturated, ofThese), Relaxed: new(relaxed, ofThose)));

        var advice = Of(judgement, Held()).FirstOrDefault(one => one.Kind == RecommendationKind.MoreCapacity);

        Assert.Equal(recommended, advice is not null);
        if (advice is not null)
        {
            Assert.Equal(RecommendedAction.RaiseFloor, advice.Action);
            Assert.Equal(
                (saturated + "/" + ofThese, "2", "3"),
                (advice.Numbers["errorsWhileSaturated"], advice.Numbers["replicas"], advice.Numbers["replicasThen"]));
            Assert.Contains("Try the step again with 3 replicas instead of 2.", advice.Sentence, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_cannot_be_done_is_said_and_not_offered()
    {
        var judgement = Failed(Metric.Errors, new Work(Saturated: new(50, 200)));
        var held = Held();
        var full = held with { Lanes = [.. held.Lanes.Select(lane => lane with { Candidate = lane.Candidate! with { Ceiling = 2 } })] };
        var back = In(DeploymentPhase.RestoringCapacity, Strategy.Canary);

        var (atCeiling, goingBack) = (Assert.Single(Of(judgement, full)), Assert.Single(Of(judgement, back)));

        Assert.Equal((null, null), (atCeiling.Action, goingBack.Action));
        Assert.Contains("as many replicas as the scope's settings allow", atCeiling.Sentence, StringComparison.Ordinal);
        Assert.Contains("Deploy again with more than 20 % headroom", goingBack.Sentence, StringComparison.Ordinal);
        Assert.Empty(Of(judgement, back with { Back = new(Asked: true, "wrong version") }));
        Assert.Empty(Of(judgement, In(DeploymentPhase.Held, Strategy.Canary)));
    }

    [Theory]
    [InlineData("latency-p99", 8, 1, 1.02, true)]
    [InlineData("latency-p99", 8, 1, 2.5, false)]
    [InlineData("latency-p99", 8, 1, null, false)]
    [InlineData("latency-p99", 8, 7, 1.02, false)]
    [InlineData("latency-p99", 2, 0, 1.02, false)]
    [InlineData("errors", 8, 1, null, true)]
    public void One_replica_that_most_of_the_evidence_comes_from_is_to_be_replaced(string metric, double whole, double rest, double? ratio, bool recommended)
    {
        var work = ratio is { } times ? new Work(new(times, 1000), new(1, 1000), 1, 1) : new Work();
        var judgement = Failed(metric, work) with
        {
            Whole = [new(metric) { Worse = [whole], Without = [new(Ticks.Here, $"{Sound}", [whole], []), new(Ticks.Here, $"{Sick}", [rest], [])] }],
        };

        var advice = Of(judgement, Held()).FirstOrDefault(one => one.Kind == RecommendationKind.ReplaceReplica);

        Assert.Equal(recommended, advice is not null);
        Assert.Equal(recommended ? $"{Sick}" : null, advice?.Numbers["replica"]);
        Assert.DoesNotContain(Of(judgement, Held() with { Replaced = [Sick] }), one => one.Kind == RecommendationKind.ReplaceReplica);
    }

    [Fact]
    public void Too_little_evidence_asks_for_the_next_weight_where_that_is_enough_and_for_more_time()
    {
        var before = Gated(In(DeploymentPhase.Judging, Strategy.Canary) with { PhaseSince = Now.AddSeconds(-3600) }, deadlineSeconds: 3600);
        var judgement = Judged(new(VerdictKind.Insufficient, Cause.Undecided, "Not proven yet."), new Work(), new(8, 3600), new(712, 356_400));

        var advice = Recommendations.Of(new(), judgement, before, Held(before), Now, new());

        Assert.Equal([RecommendationKind.LargerWeight, RecommendationKind.LongerStep], advice.Select(one => one.Kind));
        Assert.Equal([RecommendedAction.Promote, RecommendedAction.LengthenStep], advice.Select(one => one.Action!.Value));
        Assert.All(advice, one => Assert.Equal(
            ("100", "1", "3600"), (one.Numbers["requestsPerSecond"], one.Numbers["weightPercent"], one.Numbers["deadlineSeconds"])));
        var (needed, sooner) = (double.Parse(advice[0].Numbers["neededSeconds"]), double.Parse(advice[0].Numbers["neededSecondsThen"]));
        Assert.Equal("5", advice[0].Numbers["weightPercentThen"]);
        Assert.InRange(sooner, 1, Math.Min(3600, needed / 2));
        Assert.InRange(double.Parse(advice[1].Numbers["deadlineSecondsThen"]), Math.Max(7200, 2 * needed), (2 * needed) + 7200);
        // Where somebody must promote it, evidence is not what it waits for.
        Assert.Empty(Recommendations.Of(new(), judgement, Gated(before, 3600, Gate.Manual), Held(before), Now, new()));
    }

    [Fact]
    public void A_proven_and_negligible_regression_is_for_a_person_to_weigh_with_its_cost()
    {
        var verdict = new Verdict(VerdictKind.Inconclusive, Cause.Budget, "It is worse.") { Metric = Metric.Errors, BudgetMinutesPerDay = 0.72 };

        var advice = Of(Judged(verdict, new Work(), new(60, 100_000), new(100, 1_000_000)), Held());

        Assert.Equal([(RecommendationKind.AcceptCost, RecommendedAction.Promote), (RecommendationKind.TakeBack, RecommendedAction.Abort)],
            advice.Select(one => (one.Kind, one.Action!.Value)));
        Assert.All(advice, one => Assert.Equal(
            ("0.72", "60/100000", "100/1000000"), (one.Numbers["minutesPerDay"], one.Numbers["candidate"], one.Numbers["current"])));
        Assert.All(advice, one => Assert.Contains("0.72 minutes of outage a day", one.Sentence, StringComparison.Ordinal));
    }

    [Fact]
    public void A_failure_at_one_location_offers_to_go_on_at_the_others_or_to_take_all_back()
    {
        var held = Held();
        var south = new Lane(Old with { Location = new("local", "south", "instances") }, Candidate) { IsBarred = true };

        var advice = Of(Failed(Metric.Errors, new Work()), held with { Lanes = [.. held.Lanes, south] });

        Assert.Equal([(RecommendationKind.GoOnElsewhere, RecommendedAction.GiveUp), (RecommendationKind.TakeBack, RecommendedAction.Abort)],
            advice.Select(one => (one.Kind, one.Action!.Value)));
        Assert.Equal("local/south/instances", advice[0].Numbers["locations"]);
    }

    [Theory]
    [InlineData("ill", 3, true)]
    [InlineData("ill", 0, false)]
    [InlineData("worse", 3, false)]
    public void Replicas_that_die_for_want_of_memory_ask_for_more_of_it(string cause, int kills, bool recommended)
    {
        var judgement = Judged(new(VerdictKind.Fail, Word.Read<Cause>(cause), "It fails."), new Work(), default, default);

        var advice = Recommendations.Of(new(), judgement, Held(), Held(), Now, new(null, kills, 256)).SingleOrDefault();

        Assert.Equal(recommended ? ("3", "333") : (null, null), (advice?.Numbers["outOfMemoryKills"], advice?.Numbers["memoryMiBThen"]));
    }

    [Theory]
    [InlineData("shared", null, true)]
    [InlineData("worse", "errors", true)]
    [InlineData("worse", "latency-p99", false)]
    public void A_deployment_of_a_scope_that_it_calls_is_named_and_offered_to_be_held(string cause, string? metric, bool recommended)
    {
        var other = In(DeploymentPhase.Judging, Strategy.Canary) with { Scope = ScopeRef.Parse("bank/test-api") };
        var verdict = new Verdict(cause == "shared" ? VerdictKind.Inconclusive : VerdictKind.Fail, Word.Read<Cause>(cause), "Both suffer.") { Metric = metric };

        foreach (var next in new[] { Held(), In(DeploymentPhase.RestoringCapacity) })
        {
            var advice = Recommendations.Of(new(), Judged(verdict, new Work(), default, default), Held(), next, Now, new(other))
                .SingleOrDefault(one => one.Kind == RecommendationKind.HoldDependency);

            Assert.Equal(recommended ? $"{other.Id}" : null, advice?.Numbers["deployment"]);
            var named = $"bank/test-api, which deployment {other.Id} is moving to 1.1.0 (1 %";
            Assert.Equal(recommended, advice?.Sentence.Contains(named, StringComparison.Ordinal) ?? false);
        }
    }

    [Fact]
    public void Judged_anew_nothing_speaks_against_it_and_what_is_known_of_the_current_stays()
    {
        var bad = Ticks.Lane(Ticks.Of("c", 100, 30, 30, 30, 30), Ticks.Of("s", 1000, 1, 1, 1, 1));
        var failed = bad.Times(30).Judged();
        var good = bad with { Candidate = Ticks.Of("c", 100, 0, 0, 0, 0) };

        var (again, same) = (Next(good, attempt: 1), Next(good, attempt: 0));

        Assert.Equal((VerdictKind.Fail, VerdictKind.Fail), (failed.Verdict.Kind, same.Verdict.Kind));
        Assert.Equal((VerdictKind.Insufficient, 1), (again.Verdict.Kind, again.Attempt));
        Assert.Equal(same.Lanes[0].Count(Metric.Errors).Dispersion, again.Lanes[0].Count(Metric.Errors).Dispersion);
        Assert.Equal((400.0, 0.0), (again.Tallies(Metric.Errors).Candidate.Total, again.Tallies(Metric.Errors).Candidate.Events));

        Judgement Next(LaneTick lane, int attempt)
        {
            var span = TimeSpan.FromSeconds(5);
            return Judge.Fold(new(), failed, new Tick(failed.At!.Value + span, span, [lane]) { Attempt = attempt });
        }
    }

    private static IReadOnlyList<Recommendation> Of(Judgement judgement, DeploymentRecord next) =>
        Recommendations.Of(new(), judgement, Held(), next, Now, new());

    private static DeploymentRecord Held(DeploymentRecord? record = null)
    {
        record ??= In(DeploymentPhase.Held, Strategy.Canary);
        return record with { Phase = DeploymentPhase.Held, Held = new(HoldCause.Verdict, "It fails.", Now, DeploymentPhase.Judging) };
    }

    private static DeploymentRecord Gated(DeploymentRecord record, int deadlineSeconds, Gate gate = Gate.Evidence) =>
        record with { Cells = [.. record.Cells.Select(cell => cell with { Gate = gate, DeadlineSeconds = deadlineSeconds })] };

    private static Judgement Failed(string metric, Work work) =>
        Judged(new(VerdictKind.Fail, Cause.Worse, "It fails.") { Metric = metric }, work, new(50, 4200), new(10, 100_000));

    private static Judgement Judged(Verdict verdict, Work work, Tally candidate, Tally current) => Judgement.Begin() with
    {
        Lanes = [new(Ticks.Here, [new(Metric.Errors) { Candidate = candidate, Current = current }]) { Work = work }],
        Verdict = verdict,
    };
}
