using System.Net;
using System.Text.Json;
using Fury.Deployments.Campaigns;
using Fury.Deployments.Contracts;
using Fury.Kernel;
using Fury.Testing;

namespace Fury.Deployments.Tests.Campaigns;

/// <summary>Campaigns over HTTP, on a real database.</summary>
public sealed class CampaignsTests(House house) : OverHttp(house)
{
    [Fact]
    public async Task A_campaign_begins_with_the_least_critical_stops_at_its_failures_and_goes_on_when_it_is_resumed()
    {
        ScopeRef[] scopes = [.. Enumerable.Range(0, 6).Select(_ => House.NewScope())];
        House.Catalog.IsLow(scopes[5]);
        foreach (var bad in scopes[..2])
        {
            House.Engine.CannotStart(FakeCatalog.IdOf(bad, "1.0.0"), Fault.Invalid("no such image"));
        }

        await Http.Put($"applications/shop/scopes/{scopes[3].Scope}/pin", new { reason = "audit", by = "ann" });
        var wish = Wish("base-image", scopes) with { Waves = [1, 2], MaxConcurrent = 2, StopAfter = 2 };

        var started = await Http.Post("campaigns", wish);
        var id = started.Read<CampaignView>().Id;
        var stopped = await In(id, view => view.State == CampaignState.Stopped);
        var resumed = (await Http.Post($"campaigns/{id}/resume", new { by = "bob", reason = "known" })).Read<CampaignView>();
        var done = await In(id, view => view.State == CampaignState.Done);
        var again = await Http.Post("campaigns", wish);
        var other = await Http.Post("campaigns", wish with { StopAfter = 3 });
        var late = await Http.Post($"campaigns/{id}/abort", new { by = "bob", reason = "too late" });
        var list = (await Http.Get("campaigns?limit=1")).Read<Page<CampaignView>>();

        Assert.Equal(HttpStatusCode.Created, started.Status);
        Assert.Equal([1, 2, 2, 1], stopped.Waves);
        Assert.Equal([scopes[5], .. scopes[..5]], stopped.Targets!.Select(target => ScopeRef.Parse(target.Scope)));
        Assert.Equal("done failed failed waiting waiting waiting", States(stopped));
        Assert.All(scopes[..2], bad => Assert.Contains($"{bad} (", stopped.Why, StringComparison.Ordinal));
        Assert.Contains("no such image", stopped.Why, StringComparison.Ordinal);
        Assert.Equal((CampaignState.Running, 4, "Resumed by bob: known"), (resumed.State, resumed.Allowed, resumed.Why));
        Assert.Equal("done failed failed done skipped done", States(done));
        Assert.Equal(new TargetCounts(0, 0, 3, 2, 1), done.Counts);
        Assert.Contains("audit", done.Targets![4].Reason, StringComparison.Ordinal);
        Assert.All(done.Targets.Where(target => target.Deployment is not null), target => Assert.Equal("ann", AskedBy(target.Deployment!.Value)));
        Assert.Equal((HttpStatusCode.OK, id), (again.Status, again.Read<CampaignView>().Id));
        Api.AssertRefused(other, HttpStatusCode.Conflict, "base-image");
        Api.AssertRefused(late, HttpStatusCode.Conflict, "done", "\"state\"");
        Assert.Equal(JsonSerializer.Serialize(done.Counts), JsonSerializer.Serialize(Assert.Single(list.Items).Counts));
        foreach (var scope in scopes)
        {
            var deployments = (await House.Deployments.List(scope, new PageQuery(), default)).Value.Items;
            Assert.Equal(scope == scopes[3] ? 0 : 1, deployments.Count);
        }
    }

    [Fact]
    public async Task An_aborted_campaign_takes_back_what_is_in_flight_and_begins_nothing_more()
    {
        var (first, second) = (House.NewScope(), House.NewScope());
        await House.Ended((await House.Deploy(first, "1.0.0")).Id);
        var wish = Wish("slow", [first, second], "1.1.0") with { Strategy = "blue-green", Policy = House.Quick with { JudgeSeconds = 600 } };
        var id = (await Http.Post("campaigns", wish)).Read<CampaignView>().Id;
        var flying = await In(id, view => view.Targets![0].Deployment is not null);
        await House.In(flying.Targets![0].Deployment!.Value, DeploymentPhase.Judging);

        var answer = await Http.Post($"campaigns/{id}/abort", new { by = "ann", reason = "enough" });
        var ended = await In(id, view => view.EndedAt is not null);

        Assert.Equal(CampaignState.Aborted, answer.Read<CampaignView>().State);
        Assert.Equal("skipped skipped", States(ended));
        Assert.Equal(DeploymentPhase.Aborted, (await House.Deployments.Find(flying.Targets[0].Deployment!.Value, default)).Value.Phase);
        Assert.Empty((await House.Deployments.List(second, new PageQuery(), default)).Value.Items);
    }

    [Fact]
    public async Task A_target_whose_scope_is_busy_waits_and_no_more_campaigns_wait_than_are_looked_at()
    {
        var scope = House.NewScope();
        await House.Ended((await House.Deploy(scope, "1.0.0")).Id);
        var other = await House.Deploy(scope, "1.1.0", "blue-green", House.Quick with { JudgeSeconds = 600 });
        List<Guid> ids = [];
        for (var number = 0; number < CampaignStore.ActiveMax; number++)
        {
            ids.Add((await Http.Post("campaigns", Wish($"busy-{number}", [scope], "1.2.0"))).Read<CampaignView>().Id);
        }

        var more = await Http.Post("campaigns", Wish("one-more", [scope], "1.2.0"));
        var waiting = await In(ids[0], view => view.Targets![0].Reason is not null);
        foreach (var id in ids)
        {
            await Http.Post($"campaigns/{id}/abort", new { by = "ann", reason = "enough" });
            await In(id, view => view.EndedAt is not null);
        }

        Api.AssertRefused(more, HttpStatusCode.InsufficientStorage, $"{CampaignStore.ActiveMax} campaigns");
        Assert.Equal("waiting", States(waiting));
        Assert.Contains("in progress", waiting.Targets![0].Reason, StringComparison.Ordinal);
        Assert.False((await House.Deployments.Find(other.Id, default)).Value.Phase is DeploymentPhase.Aborted);
    }

    [Fact]
    public async Task Every_bad_part_of_a_campaign_is_named_with_its_place()
    {
        var scope = House.NewScope();
        var bad = await Http.Post("campaigns", new CampaignRequest("B A D", "", "migration", [new("shop"), new($"{scope}"), new($"{scope}", "!"), null])
        {
            Waves = [1, 0],
            MaxConcurrent = 201,
            StopAfter = 0,
            OnStop = "shrug",
        });
        var none = await Http.Post("campaigns", Wish("none", []));
        var unknown = await Http.Post("campaigns", Wish("unknown", [scope, ScopeRef.Parse("shop/test-none")]));
        var version = await Http.Post("campaigns", Wish("version", [scope], "9.9.9"));
        var idle = await Http.Post("campaigns", Wish("idle", [scope], null));
        var key = await Http.Send(HttpMethod.Post, "campaigns", """{"name":"key","stopafter":1,"speed":"high"}""");
        var command = await Http.Post($"campaigns/{Guid.Empty}/explode", new { by = "ann", reason = "no" });
        var missing = await Http.Post($"campaigns/{Guid.Empty}/stop", new { by = "ann", reason = "no" });

        Api.AssertRefused(
            bad, HttpStatusCode.BadRequest, "\"name\"", "\"by\"", "\"strategy\"", "targets[0].scope", "targets[2].scope", "it is targets[1] too",
            "targets[2].version", "targets[3].scope", "waves[1]", "\"maxConcurrent\"", "\"stopAfter\"", "finish, abort");
        Api.AssertRefused(none, HttpStatusCode.BadRequest, "\"targets\"", "1 to 2000 entries");
        Api.AssertRefused(unknown, HttpStatusCode.BadRequest, "targets[1].scope", "shop/test-none");
        Api.AssertRefused(version, HttpStatusCode.BadRequest, "targets[0].version", "9.9.9", "a version that shop has");
        Api.AssertRefused(idle, HttpStatusCode.BadRequest, "targets[0].version", "runs nothing yet");
        Api.AssertRefused(key, HttpStatusCode.BadRequest, "speed");
        Api.AssertRefused(command, HttpStatusCode.BadRequest, "stop, resume, abort");
        Assert.Equal(HttpStatusCode.NotFound, missing.Status);
    }

    private static CampaignRequest Wish(string name, IEnumerable<ScopeRef> scopes, string? version = "1.0.0") =>
        new(name, "ann", "all-in", [.. scopes.Select(scope => new TargetRequest($"{scope}", version))], House.Quick);

    private static string States(CampaignView view) => string.Join(' ', view.Targets!.Select(target => Word.Of(target.State)));

    private string? AskedBy(DeploymentId id) => House.Store.Find(id, default).Result?.AskedBy;

    private async Task<CampaignView> In(Guid id, Func<CampaignView, bool> isSo)
    {
        CampaignView? last = null;
        await Eventually.True(
            async () =>
            {
                // Beside the one in the background, as a host that does not know yet that it has lost its lease: it does no harm, and waits for nothing.
                await House.Get<CampaignDriver>().Pass(0, default);
                return isSo(last = (await Http.Get($"campaigns/{id}")).Read<CampaignView>());
            },
            because: $"campaign {id} comes so far");
        return last!;
    }
}
