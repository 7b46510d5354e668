using Fury.Deployments.Contracts;
using Fury.Deployments.Driving;
using Fury.Deployments.Sources;
using Fury.Kernel;
using Fury.LittleMonster.Testing;

namespace Fury.Deployments.Tests.Sources;

/// <summary>Metrics that nothing can be judged by are found before the candidate has traffic.</summary>
public sealed class FirstLooksTests
{
    private static readonly MetricPolicy Payments = new("payments", "shop", MetricKind.Ratio) { Bad = "failed of $pools", All = "all of $pools" };

    private readonly TestClock _clock = new();
    private readonly FakeSource _source = new();

    [Fact]
    public async Task Two_series_that_differ_are_fine_at_the_first_look()
    {
        Say(AMoment.Old.Id, 5, 5000);
        Say(AMoment.Candidate.Id, 0, 2);

        await AssertAfter(15, CheckKind.Fine, Payments);
    }

    [Fact]
    public async Task A_candidate_that_has_counted_nothing_yet_is_fine_at_the_second_look()
    {
        Say(AMoment.Old.Id, 5, 5000);

        await AssertAfter(30, CheckKind.Fine, Payments);
    }

    [Fact]
    public async Task A_candidate_that_has_the_currents_data_is_found()
    {
        var result = await AssertAfter(45, CheckKind.Wrong, Payments, second =>
        {
            Say(AMoment.Old.Id, 5 + second, 5000 + (10 * second));
            Say(AMoment.Candidate.Id, 5 + second, 5000 + (10 * second));
        });

        Assert.Equal("payments", result.Metric);
        Assert.StartsWith("payments: Source shop says the same of the candidate, which has no traffic, and of", result.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_gauges_that_stand_still_at_the_same_value_are_fine()
    {
        var threads = new MetricPolicy("threads", "shop", MetricKind.Value) { Value = "threads of $pools" };
        _source.Say(threads.Value, AMoment.Old.Id, 64);
        _source.Say(threads.Value, AMoment.Candidate.Id, 64);

        await AssertAfter(75, CheckKind.Fine, threads);
    }

    [Fact]
    public async Task A_query_that_answers_with_something_else_is_wrong_at_once()
    {
        _source.Broken = Fault.Invalid("Source shop answers with a scalar.");

        Assert.Equal("payments (bad): Source shop answers with a scalar.", (await AssertAfter(1, CheckKind.Wrong, Payments)).Why);
    }

    [Fact]
    public async Task A_source_that_is_dark_is_waited_for_and_then_silent_and_never_wrong()
    {
        _source.Broken = Fault.Unavailable("Source shop is dark: it answers 503.");

        Assert.Equal("payments (bad): Source shop is dark: it answers 503.", (await AssertAfter(120, CheckKind.Silent, Payments)).Why);
    }

    [Fact]
    public async Task A_current_pool_of_which_nothing_is_said_is_silent_unless_the_metric_need_not_have_data()
    {
        Say(AMoment.Candidate.Id, 0, 2);

        Assert.Contains($"nothing of the current pool {AMoment.Old.Id}", (await AssertAfter(120, CheckKind.Silent, Payments)).Why, StringComparison.Ordinal);
        await AssertAfter(15, CheckKind.Fine, Payments with { MustHaveData = false });
    }

    [Fact]
    public async Task What_never_decides_is_not_looked_at()
    {
        _source.Broken = Fault.Invalid("Source shop answers with a scalar.");

        await AssertAfter(1, CheckKind.Fine, Payments with { Shadow = true });
    }

    [Theory]
    [InlineData(CheckKind.Fine, DeploymentPhase.Shifting, "ready")]
    [InlineData(CheckKind.Wrong, DeploymentPhase.RestoringCapacity, "It cannot be judged. It is odd.")]
    [InlineData(CheckKind.Silent, DeploymentPhase.Held, "It cannot be judged yet, and has no traffic. It is odd.")]
    public void A_deployment_goes_on_back_or_is_held_without_traffic(object kind, DeploymentPhase phase, string reason)
    {
        var seen = AMoment.Look(2, 2) with { Check = new((CheckKind)kind, "It is odd.", "payments") };

        var next = AMoment.Next(AMoment.In(DeploymentPhase.Provisioning), seen);

        Assert.Equal(phase, next.Phase);
        Assert.Contains(reason, next.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_deployment_waits_for_what_is_not_known_yet_and_is_held_at_its_deadline()
    {
        var record = AMoment.In(DeploymentPhase.Provisioning);
        var seen = AMoment.Look(2, 2) with { Check = new(CheckKind.Waiting, "It has not answered.", "payments") };

        Assert.IsType<Move.Wait>(Machine.Advance(record, seen, AMoment.Now));
        Assert.Equal(DeploymentPhase.Held, AMoment.Next(record with { Deadline = AMoment.Now }, seen).Phase);
    }

    private void Say(PoolId pool, double bad, double all)
    {
        _source.Say(Payments.Bad!, pool, bad);
        _source.Say(Payments.All!, pool, all);
    }

    /// <summary>It is not known a second before.</summary>
    private async Task<SourceCheck> AssertAfter(int seconds, CheckKind kind, MetricPolicy metric, Action<int>? each = null)
    {
        var record = AMoment.In(DeploymentPhase.Provisioning);
        record = record with { Policy = record.Policy with { Metrics = [metric] } };
        var looks = new FirstLooks(_clock.GetUtcNow());
        using var sources = _source.AsOnly(_clock);
        for (var second = 0; second <= seconds; second++)
        {
            each?.Invoke(second);
            sources.Ask(record.Moving.SelectMany(lane => lane.Pools).Select(pool => (metric, pool.Id)));
            await sources.Rounds;
            looks.See(record, sources.See(), _clock.GetUtcNow());
            Assert.True(second == seconds || looks.Result.Kind == CheckKind.Waiting || kind == looks.Result.Kind, $"{second}: {looks.Result}");
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.True(kind == looks.Result.Kind, $"{looks.Result}");
        return looks.Result;
    }
}
