using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Judging;
using Fury.Deployments.Planning;
using Fury.Deployments.Sources;
using Fury.Kernel;
using Fury.LittleMonster.Testing;
using Fury.Mesh.Contracts;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fury.Deployments.Tests.Sources;

/// <summary>What a source says reaches the judge, is on record, and is counted once, whoever goes on.</summary>
public sealed class AssessorWithSourceTests(House house) : IClassFixture<House>
{
    private static readonly MetricPolicy Payments = new("payments", "shop", MetricKind.Ratio) { Bad = "failed of $pools", All = "all of $pools" };

    private readonly TestClock _clock = new();
    private readonly FakeSource _source = new();
    private int _seconds;
    private long _errors;

    [Fact]
    public async Task A_metric_that_is_worse_fails_the_candidate_that_the_data_plane_finds_nothing_wrong_with()
    {
        var record = await Begun();
        var host = NewHost(record);
        for (var second = 0; second < 240 && host.Of(record).Kind != VerdictKind.Fail; second++)
        {
            await Second(record, 20, host);
        }

        Assert.Equal((VerdictKind.Fail, Cause.Worse, "payments"), (host.Of(record).Kind, host.Of(record).Cause, host.Of(record).Metric));
        var ticks = (await house.Get<EvidenceStore>().Ticks([(record.Id, 0)], default))[record.Id].Select(tick => Tick.Of(tick.Tick)).ToList();
        Assert.Equal(host.Of(record).Reason, ticks.Aggregate(Judgement.Begin(), (before, tick) => Judge.Fold(PolicyOf(record), before, tick)).Verdict.Reason);
        Assert.InRange(ticks.Count(tick => tick.HasReadings), 3, 16);
    }

    [Theory]
    [InlineData(14)]
    [InlineData(31)]
    [InlineData(47)]
    public async Task Another_host_that_takes_over_counts_no_payment_twice(int seconds)
    {
        var (unbroken, broken) = (await Begun(), await Begun());
        Host one = NewHost(unbroken), other = NewHost(broken);
        for (var second = 0; second < 100; second++)
        {
            await Second(unbroken, 2, one);
            await Second(broken, 2, other, goesBy: 0);
            if (second == seconds)
            {
                other = NewHost(broken);
            }
        }

        var counted = await Counted(broken);
        Assert.Equal(await Counted(unbroken), counted);
        // Since the first look, up to the last time that the source was asked for.
        Assert.InRange(counted.Total, 100 * (100 - 30), 100 * 100);
        Assert.Equal(0.02, counted.Share, 6);

        async Task<Tally> Counted(DeploymentRecord record) =>
            Judgement.Of((await house.Get<EvidenceStore>().Snapshots([record.Id], default)).Single().State).Tallies("payments").Candidate;
    }

    [Fact]
    public async Task Scenario_11_a_source_that_is_dark_for_three_minutes_neither_passes_nor_fails_and_the_mesh_still_does()
    {
        var record = await Begun();
        var host = NewHost(record);
        for (var second = 0; second < 60; second++)
        {
            await Second(record, 2, host);
        }

        _source.Broken = Fault.Unavailable("Source shop is dark: it answers 503.");
        for (var second = 0; second < 180; second++)
        {
            await Second(record, 2, host);
            Assert.NotEqual(VerdictKind.Fail, host.Of(record).Kind);
        }

        Assert.Equal(
            (VerdictKind.Insufficient, "There is no data of payments. payments (bad): Source shop is dark: it answers 503."),
            (host.Of(record).Kind, host.Of(record).Reason));
        for (var second = 0; second < 60 && host.Of(record).Kind != VerdictKind.Fail; second++)
        {
            await Second(record, 2, host, errors: 50);
        }

        Assert.Equal((VerdictKind.Fail, "errors"), (host.Of(record).Kind, host.Of(record).Metric));
        _source.Broken = null;
    }

    private static JudgePolicy PolicyOf(DeploymentRecord record) => JudgePolicies.Of(record.Policy);

    private Host NewHost(DeploymentRecord record)
    {
        var sources = _source.AsOnly(_clock);
        var assessor = new Assessor(house.Tables, [house.Engine], house.Get<EvidenceStore>(), sources, _clock, NullLogger<Assessor>.Instance);
        assessor.Follow(record, () => { });
        return new(assessor, sources);
    }

    /// <summary>A second goes by, with a hundred payments of the candidate and a thousand of the current pool, of which 2 in 100 fail.</summary>
    /// <param name="errors">Of a hundred requests to the candidate, that the mesh sees.</param>
    private async Task Second(DeploymentRecord record, double badPercent, Host host, long errors = 0, int goesBy = 1)
    {
        (_seconds, _errors) = (_seconds + goesBy, _errors + errors);
        var (candidate, current) = (record.Lanes[0].Candidate!.Id, record.Lanes[0].Current!.Id);
        house.Tables.Report("proxy", PoolTraffic.None(candidate) with { Requests = 100 * _seconds, Errors = _errors });
        house.Tables.Report("proxy", PoolTraffic.None(current) with { Requests = 1000 * _seconds });
        Say(candidate, badPercent * _seconds, 100 * _seconds);
        Say(current, 20 * _seconds, 1000 * _seconds);
        _clock.Advance(TimeSpan.FromSeconds(goesBy));
        await host.Assessor.Pass(default);
        await host.Sources.Rounds;
    }

    private void Say(PoolId pool, double bad, double all)
    {
        _source.Say(Payments.Bad!, pool, bad);
        _source.Say(Payments.All!, pool, all);
    }

    private async Task<DeploymentRecord> Begun()
    {
        var record = AMoment.In(DeploymentPhase.Judging, Strategy.Canary);
        var lane = new Lane(AMoment.Old with { Id = PoolId.New(_clock) }, AMoment.Candidate with { Id = PoolId.New(_clock) });
        foreach (var pool in lane.Pools)
        {
            Assert.True((await house.Engine.Ensure(AMoment.State(pool, 0).Spec with { Location = pool.Location }, default)).IsOk);
        }

        return record with { Id = DeploymentId.New(_clock), Scope = house.NewScope(), Lanes = [lane], Policy = record.Policy with { Metrics = [Payments] } };
    }

    private sealed record Host(Assessor Assessor, MetricSources Sources)
    {
        public Verdict Of(DeploymentRecord record) => Assessor.Of(record)?.Verdict ?? Verdict.None;
    }
}
