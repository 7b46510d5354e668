using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Judging;
using Fury.Deployments.Planning;
using Fury.Deployments.Sources;
using Fury.Kernel;
using Fury.LittleMonster.Testing;
using Fury.Mesh.Contracts;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fury.Deployments.Tests.Judging;

/// <summary>Ticks are read, written down and judged; whoever goes on does so where the last host was.</summary>
public sealed class AssessorTests(House house) : IClassFixture<House>
{
    private readonly TestClock _clock = new();
    private long _requests;

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(12)]
    [InlineData(17)]
    public async Task Another_host_that_takes_over_after_any_tick_judges_as_if_there_had_been_one(int ticks)
    {
        var (unbroken, broken) = (await Begun(), await Begun());
        Assessor one = NewHost(unbroken), other = NewHost(broken);
        for (var tick = 0; tick < 20; tick++)
        {
            Send(unbroken, broken);
            await one.Pass(default);
            await other.Pass(default);
            if (tick == ticks)
            {
                other = NewHost(broken);
            }
        }

        var (told, again) = (one.Of(unbroken)!, other.Of(broken)!);
        Assert.Contains("requests", told.Verdict.Reason, StringComparison.Ordinal);
        Assert.Equal(told.Verdict.Reason, again.Verdict.Reason);
        Assert.Equal(told.Facts(new()), again.Facts(new()));
    }

    [Fact]
    public async Task Of_two_hosts_at_once_one_writes_each_tick_and_the_other_reads_it()
    {
        var record = await Begun();
        Assessor one = NewHost(record), other = NewHost(record);
        for (var tick = 0; tick < 10; tick++)
        {
            Send(record);
            await one.Pass(default);
            await other.Pass(default);
        }

        var written = (await house.Get<EvidenceStore>().Ticks([(record.Id, 0)], default))[record.Id].Select(tick => tick.Number).ToList();
        Assert.Equal(Enumerable.Range(1, written.Count), written);
        Assert.InRange(written.Count, 9, 20);
    }

    [Fact]
    public async Task What_was_seen_long_ago_is_forgotten()
    {
        var record = await Begun();
        var host = NewHost(record);
        Send(record);
        await host.Pass(default);
        Send(record);
        await host.Pass(default);
        var store = house.Get<EvidenceStore>();
        var tidy = new EvidenceTidy(store, _clock);

        await tidy.Pass(1, default);
        Assert.Single((await store.Ticks([(record.Id, 0)], default))[record.Id]);
        _clock.Advance(EvidenceTidy.Kept + TimeSpan.FromSeconds(1));
        await tidy.Pass(1, default);

        Assert.Empty((await store.Ticks([(record.Id, 0)], default))[record.Id]);
        Assert.Single(await store.Snapshots([record.Id], default));
    }

    private Assessor NewHost(DeploymentRecord record)
    {
        var host = new Assessor(house.Tables, [house.Engine], house.Get<EvidenceStore>(), house.Get<MetricSources>(), _clock, NullLogger<Assessor>.Instance);
        host.Follow(record, () => { });
        return host;
    }

    /// <summary>A second goes by, with some requests to every pool; one in fifty of the candidates' fails.</summary>
    private void Send(params DeploymentRecord[] records)
    {
        _clock.Advance(TimeSpan.FromSeconds(1));
        _requests += 100;
        foreach (var lane in records.SelectMany(record => record.Moving))
        {
            house.Tables.Report("proxy", PoolTraffic.None(lane.Candidate!.Id) with { Requests = _requests, Errors = _requests / 50 });
            house.Tables.Report("proxy", PoolTraffic.None(lane.Current!.Id) with { Requests = 1_000_000 + (19 * _requests), Errors = 5_000 });
        }
    }

    /// <summary>A deployment in its first step, whose current pool has served long before.</summary>
    private async Task<DeploymentRecord> Begun()
    {
        var record = AMoment.In(DeploymentPhase.Judging, Strategy.Canary);
        var scope = house.NewScope();
        var lane = new Lane(AMoment.Old with { Id = PoolId.New(_clock) }, AMoment.Candidate with { Id = PoolId.New(_clock) });
        foreach (var pool in lane.Pools)
        {
            var spec = AMoment.State(pool, 0).Spec;
            Assert.True((await house.Engine.Ensure(spec with { Location = pool.Location }, default)).IsOk);
        }

        return record with { Id = DeploymentId.New(_clock), Scope = scope, Lanes = [lane] };
    }
}
