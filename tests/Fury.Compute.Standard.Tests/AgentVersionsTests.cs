using Dapper;
using Fury.Agent.Wire;
using Fury.Compute.Contracts;
using Fury.Compute.Standard.Agents;
using Fury.Compute.Standard.Pools;
using Fury.Compute.Standard.Usage;
using Fury.Kernel;
using Fury.LittleMonster;
using Fury.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Compute.Standard.Tests;

/// <summary>Which versions of the agent run where, as hosts keep what agents tell them.</summary>
public sealed class AgentVersionsTests(TestDatabase<LittleMonsterModule, StandardModule> database)
    : IClassFixture<TestDatabase<LittleMonsterModule, StandardModule>>
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid Boot = Guid.CreateVersion7(Noon);

    private AgentVersions Versions => database.Get<AgentVersions>();

    private UsageStore Usage => database.Get<UsageStore>();

    [Fact]
    public async Task Live_instances_are_counted_by_scope_and_version_and_those_without_an_agent_are_not()
    {
        var (one, two, three) = (Instance("here/i-1", 3), Instance("here/zone/i-2", 1), Instance("here/i-3", 2));
        await Pool("count/test-a", one, two, three, Instance("here/i-4", 0) with { Phase = ReplicaPhase.Stopping }, Instance(null, 0));
        await Pool("count/test-a-b", Instance("here/i-5", 4));
        await Pool("count/test-local", Instance("here/i-6", 0) with { Node = "this-machine" });
        await Tell(Report(one, "i-1", "1.4.0"), Report(two, "zone/i-2", "1.4.0"), Report(three, "i-3", "1.5.0-rc.1"));

        var all = await Of("count");
        Assert.Equal(
            [("count/test-a", "1.4.0", 2, 1), ("count/test-a", "1.5.0-rc.1", 1, 2), ("count/test-a-b", null, 1, 4)],
            all.Select(row => (row.Scope, row.Version, row.Instances, (int)(row.OldestAt - Noon).TotalMinutes)));
        Assert.Equal(all.Skip(1), (await Versions.List(all[0].Key(), 2, default)).Where(row => row.Scope.StartsWith("count/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Pages_are_whole_where_an_agent_does_not_say_and_others_of_its_scope_do()
    {
        var (silent, telling) = (Instance("here/i-1", 1), Instance("here/i-2", 1));
        await Pool("pages/test-web", silent, telling);
        await Tell(Report(telling, "i-2", "1.4.0"));
        var controller = new AgentVersionsController(Versions);

        var (found, after) = (new List<AgentVersionView>(), (string?)null);
        do
        {
            var page = (await controller.List(after, 1)).Value!;
            found.AddRange(page.Items);
            after = page.Next;
        }
        while (after is not null);

        Assert.Equal([null, "1.4.0"], found.Where(row => row.Scope == "pages/test-web").Select(row => row.Version));
        Assert.Equal(found.Distinct(), found);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(501)]
    public async Task A_page_has_1_to_500(int limit)
    {
        var refused = Assert.IsAssignableFrom<ObjectResult>((await new AgentVersionsController(Versions).List(null, limit)).Result);

        Assert.Equal(StatusCodes.Status400BadRequest, refused.StatusCode);
        Assert.Contains("limit must be 1 to 500", Assert.IsType<ProblemDetails>(refused.Value).Title, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_newest_report_counts_and_what_tells_of_no_use_leaves_the_use_that_was_told()
    {
        var one = Instance("here/i-1", 1);
        await Pool("newest/test-web", one);
        await Tell(Report(one, "i-1", "1.4.0") with { Usage = null });
        Assert.Equal("1.4.0", Assert.Single(await Of("newest")).Version);
        Assert.Empty(await Usage.Find([one.Lot], default));

        await Tell(Report(one, "i-1", "1.4.0") with { Sequence = 2, At = Noon.AddSeconds(2) });
        await Tell(Report(one, "i-1", "1.5.0") with { Sequence = 4, At = Noon.AddSeconds(4), Usage = null });
        await Usage.Keep([Report(one, "i-1", "1.4.0") with { Sequence = 3, Usage = new(9, 9, 9) }], default);
        Assert.Equal("1.5.0", Assert.Single(await Of("newest")).Version);
        var used = Assert.Single(await Usage.Find([one.Lot], default));
        Assert.Equal((Noon.AddSeconds(2), new AgentUsage(1.5, 1 << 20, 0)), (used.MeasuredAt, used.Usage));

        // An agent of before in the same instance: it does not say.
        await Tell(Report(one, "i-1", null) with { Sequence = 5 });
        Assert.Null(Assert.Single(await Of("newest")).Version);
    }

    [Fact]
    public async Task An_agent_that_was_silent_for_10_minutes_is_forgotten_and_one_that_tells_of_no_use_is_not()
    {
        var (silent, telling, before) = (Instance("here/i-1", 1), Instance("here/i-2", 1), Instance("here/i-3", 1));
        await Pool("forget/test-web", silent, telling, before);
        await Tell(Report(silent, "i-1", "1.4.0"), Report(telling, "i-2", "1.5.0"), Report(before, "i-3", "1.6.0"));
        await Execute("update standard.usage set told_at = now() - interval '11 minutes' where own_id <> 'i-3'");
        await Execute("update standard.usage set heard_at = now() - interval '11 minutes' where own_id <> 'i-2'");

        await Usage.Forget(default);

        // A host of before this says when it was told of use, and not when it has heard.
        Assert.Equal([null, "1.5.0", "1.6.0"], (await Of("forget")).Select(row => row.Version));
        Assert.Empty(await Usage.Find([silent.Lot], default));
    }

    private static Instance Instance(string? providerId, int minutes) => Changes.NewInstance(
        InstanceId.New(TimeProvider.System), Guid.CreateVersion7(), Releases.Here, launch: 1, Noon.AddMinutes(minutes)) with
    {
        Phase = ReplicaPhase.Ready,
        ProviderId = providerId,
    };

    private static AgentReport Report(Instance instance, string ownId, string? version) => new(
        $"{instance.Lot}", ownId, Boot, 1, Noon, new(AgentPhase.Healthy, null, 0, null), new(1.5, 1 << 20, 0))
    { AgentVersion = version };

    /// <summary>As a host does that hears it.</summary>
    private async Task Tell(params AgentReport[] reports)
    {
        var inbox = new UsageInbox();
        Assert.All(reports, inbox.Add);
        await new UsageReconciler(inbox, Usage).Pass(0, default);
    }

    private async Task<List<AgentVersionView>> Of(string application) =>
        [.. (await Versions.List(null, 501, default)).Where(row => row.Scope.StartsWith($"{application}/", StringComparison.Ordinal))];

    private async Task Pool(string scope, params Instance[] instances)
    {
        var release = Releases.Of(ScopeRef.Parse(scope), 1);
        var pool = Pools.Pool.New(new(PoolId.New(TimeProvider.System), release, new("fake", "here", "instances"), 1, 0, 5)) with { Instances = instances };
        var written = await database.Get<IPoolStore>().Change(pool.Spec.Id, (_, _) => Task.FromResult<Outcome<Pool>>(pool), default);
        Assert.True(written.IsOk, $"{written}");
    }

    private async Task Execute(string sql)
    {
        await using var connection = await database.Database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(sql);
    }
}
