using System.Net;
using System.Text.Json;
using Fury.Deployments.Freezes;
using Fury.Deployments.Gates;
using Fury.Kernel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Fury.Deployments.Tests.Freezes;

/// <summary>Freezes and their overrides over HTTP, and what becomes of them on this host and on another one.</summary>
public sealed class FreezesTests(House house) : OverHttp(house, isIdle: true)
{
    [Fact]
    public async Task A_freeze_is_made_once_changed_listed_and_removed_and_all_of_it_is_on_record()
    {
        var made = await Http.Put("freezes/christmas", Freeze("year end") with { To = DateTimeOffset.Parse("2099-01-02T00:00:00+01:00") });
        var again = await Http.Put("freezes/christmas", Freeze("year end") with { To = DateTimeOffset.Parse("2099-01-01T23:00:00Z") });
        var changed = await Http.Put("freezes/christmas", Freeze("longer") with { By = "bob", To = DateTimeOffset.Parse("2099-01-03T00:00:00Z") });
        var list = await Http.Get("freezes?after=christmar&limit=1");
        var removed = await Http.Post("freezes/christmas/remove", new LiftRequest("carol", "it is over"));
        var record = await Http.Get("rule-changes?limit=3");

        Assert.Equal(
            [HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK],
            new[] { made, again, changed, removed }.Select(answer => answer.Status));
        Assert.Equal(made.Read<JsonElement>().GetProperty("createdAt").GetString(), changed.Read<JsonElement>().GetProperty("createdAt").GetString());
        var listed = Assert.Single(list.Read<JsonElement>().GetProperty("items").EnumerateArray());
        Assert.Equal(("longer", "bob", true), (Text(listed, "reason"), Text(listed, "by"), listed.GetProperty("isNow").GetBoolean()));
        Assert.Equal(HttpStatusCode.NotFound, (await Http.Get("freezes/christmas")).Status);
        Assert.Equal(
            ["carol freeze christmas Removed. it is over", "bob freeze christmas Changed: deny until 2099-01-03 00:00:00Z. longer",
                "ann freeze christmas Made: deny until 2099-01-01 23:00:00Z. year end"],
            record.Read<Page<RuleChange>>().Items.Select(line => $"{line.By} {line.Rule} {line.Text} {line.Reason}"));
    }

    [Fact]
    public async Task Every_bad_field_of_a_freeze_is_named()
    {
        var bad = await Http.Put("freezes/bad", """
            {"kind":"maybe","covers":{"teams":[""],"applications":["A"],"scopes":["Prod?"],"criticalities":["huge"],"providers":[null]},
             "from":"2020-01-01T00:00:00Z","to":"2020-01-02T00:00:00Z","recurs":{"cron":"*/5 * * * *","timeZone":"Mars","minutes":0},
             "inFlight":"panic","reason":" ","by":"a\nb"}
            """);

        Api.AssertRefused(bad, HttpStatusCode.BadRequest);
        string[] fields =
        [
            "recurs", "to", "kind", "covers.teams[0]", "covers.applications[0]", "covers.scopes[0]", "covers.criticalities[0]", "covers.providers[0]",
            "recurs.cron", "recurs.timeZone", "recurs.minutes", "inFlight", "reason", "by",
        ];
        var named = bad.Read<JsonElement>().GetProperty("errors").EnumerateArray().Select(error => Text(error, "field"));
        Assert.Equal(fields.Order(), named.Order());
        Api.AssertRefused(await Http.Put("freezes/BAD", Freeze()), HttpStatusCode.BadRequest, "name");
        Api.AssertRefused(await Http.Put("freezes/bad", "{}"), HttpStatusCode.BadRequest, "reason", "by");
        Api.AssertRefused(await Http.Put("freezes/bad", """{"reason":"x","by":"x","unil":1}"""), HttpStatusCode.BadRequest, "unil");
        Api.AssertRefused(await Http.Post("freezes/none/remove", new LiftRequest("ann", "x")), HttpStatusCode.NotFound, "none");
        Api.AssertRefused(await Http.Post("freezes/none/remove", new LiftRequest(null, null)), HttpStatusCode.BadRequest, "by", "reason");
        Api.AssertRefused(await Http.Get("freezes?limit=0"), HttpStatusCode.BadRequest, "limit");
        Api.AssertRefused(await Http.Get("rule-changes?limit=501"), HttpStatusCode.BadRequest, "limit");
    }

    [Theory]
    [InlineData("0 18 * * 5", 62 * 60, true)]
    [InlineData("0 * * * *", 59, true)]
    [InlineData("0 * * * *", 60, false)]
    [InlineData("0 9-17/2 * * 1-5", 119, true)]
    [InlineData("0 9-17/2 * * 1-5", 120, false)]
    [InlineData("0,30 8 1 1 *", 10, false)]
    [InlineData("59 23 * * *", 30, true)]
    [InlineData("0 0 29 2 *", 30, true)]
    [InlineData("0 0 1 * *", 31 * 24 * 60, false)]
    [InlineData("0 0 30 2 *", 30, false)]
    [InlineData("every day", 30, false)]
    public async Task Times_must_come_an_hour_apart_and_be_over_before_they_come_again(string cron, int minutes, bool isRight)
    {
        var answer = await Http.Put("freezes/often", Freeze() with { Recurs = new(cron, minutes), Covers = new(Teams: ["nobody"]) });

        Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.Created == isRight, $"{cron}: {answer}");
    }

    [Fact]
    public async Task An_override_needs_two_persons_and_is_asked_for_once()
    {
        var until = House.Get<TimeProvider>().GetUtcNow().AddHours(2);
        await Http.Put("freezes/audit", Freeze() with { Covers = new(Applications: ["shop"], Scopes: ["over-*"]) });
        var wish = new OverrideRequest("shop", "over-web", until, "orders fail", "ann");

        var asked = await Http.Post("freezes/audit/overrides", wish);
        var again = await Http.Post("freezes/audit/overrides", wish);
        var id = Text(asked.Read<JsonElement>(), "id");
        var before = await Frozen("shop/over-web");
        var alone = await Http.Post($"freezes/audit/overrides/{id}/confirm", new ConfirmRequest("ANN"));
        var stillFrozen = await Frozen("shop/over-web");
        var confirmed = await Http.Post($"freezes/audit/overrides/{id}/confirm", new ConfirmRequest("bob"));
        var twice = await Http.Post($"freezes/audit/overrides/{id}/confirm", new ConfirmRequest("carol"));
        var list = await Http.Get("freezes/audit/overrides");

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (asked.Status, again.Status));
        Assert.Equal(asked.Text, again.Text);
        Api.AssertRefused(alone, HttpStatusCode.Forbidden, "another person");
        Assert.True(before && stillFrozen);
        Assert.False(await Frozen("shop/over-web"));
        Assert.True(await Frozen("shop/over-worker"));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (confirmed.Status, twice.Status));
        var one = Assert.Single(list.Read<Page<Override>>().Items);
        Assert.Equal(("ann", "bob", "orders fail"), (one.AskedBy, one.ConfirmedBy, one.Reason));
        var record = (await Http.Get("rule-changes?limit=2")).Read<Page<RuleChange>>().Items;
        Assert.Contains("asked for by ann, is confirmed", record[0].Text, StringComparison.Ordinal);

        // The freeze of the same name that is made anew is another one.
        await Http.Post("freezes/audit/remove", new LiftRequest("ann", "over"));
        await Http.Put("freezes/audit", Freeze() with { Covers = new(Applications: ["shop"], Scopes: ["over-*"]) });
        Assert.True(await Frozen("shop/over-web"));
        Assert.Empty((await Http.Get("freezes/audit/overrides")).Read<Page<Override>>().Items);
    }

    [Fact]
    public async Task Overrides_that_can_not_be_are_refused()
    {
        await Http.Put("freezes/strict", Freeze() with { Covers = new(Teams: ["nobody"]) });
        var soon = House.Get<TimeProvider>().GetUtcNow().AddHours(1);

        Api.AssertRefused(
            await Http.Post("freezes/strict/overrides", new OverrideRequest("S", "web", soon.AddDays(8), "", null)),
            HttpStatusCode.BadRequest, "application", "scope", "until", "reason", "by");
        Api.AssertRefused(await Http.Post("freezes/none/overrides", new OverrideRequest("shop", null, soon, "x", "ann")), HttpStatusCode.NotFound, "none");
        Api.AssertRefused(await Http.Post($"freezes/strict/overrides/{Guid.Empty}/confirm", new ConfirmRequest("ann")), HttpStatusCode.NotFound, "override");
        Api.AssertRefused(await Http.Post($"freezes/none/overrides/{Guid.Empty}/confirm", new ConfirmRequest("ann")), HttpStatusCode.NotFound, "freeze");
        Api.AssertRefused(await Http.Post($"freezes/strict/overrides/{Guid.Empty}/confirm", new ConfirmRequest("")), HttpStatusCode.BadRequest, "by");
        Api.AssertRefused(await Http.Get("freezes/none/overrides"), HttpStatusCode.NotFound, "none");
    }

    [Fact]
    public async Task The_gates_of_a_scope_say_what_holds_and_what_is_coming()
    {
        var scope = House.Catalog.AddScope("shop/gates-web");
        var soon = DateTimeOffset.FromUnixTimeSeconds(House.Get<TimeProvider>().GetUtcNow().ToUnixTimeSeconds()).AddHours(1);
        await Http.Put("freezes/soon", Freeze("maintenance") with { From = soon, Covers = new(Scopes: ["gates-*"]) });

        var open = (await Http.Get($"applications/shop/scopes/{scope.Scope}/gates")).Read<ScopeGates>();
        await Http.Put("freezes/now", Freeze("outage") with { To = soon, Covers = new(Scopes: ["gates-*"]) });
        var frozen = (await Http.Get($"applications/shop/scopes/{scope.Scope}/gates")).Read<ScopeGates>();

        Assert.Equal((null, new(soon, "Frozen by 'soon' of ann: maintenance")), (open.Frozen, open.NextFreeze));
        Assert.Equal(("Frozen by 'now' of ann: outage", null), (frozen.Frozen, frozen.Until));
        Api.AssertRefused(await Http.Get("applications/shop/scopes/no-where/gates"), HttpStatusCode.NotFound, "no-where");
    }

    [Fact]
    public async Task Another_host_goes_by_a_new_freeze_without_being_asked_anew()
    {
        await using var other = House.BuildServices();
        foreach (var hosted in other.GetServices<IHostedService>())
        {
            await hosted.StartAsync(default);
        }

        var book = other.GetRequiredService<RuleBook>();
        var known = (await book.Current(default)).Freezes.Count;
        var told = new TaskCompletionSource();
        book.Changed += () => told.TrySetResult();
        await Http.Put("freezes/far", Freeze() with { Covers = new(Teams: ["nobody"]) });

        await told.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Contains((await book.Current(default)).Freezes, freeze => freeze.Name == "far");
        Assert.True((await book.Current(default)).Freezes.Count > known);
        foreach (var hosted in other.GetServices<IHostedService>().Reverse())
        {
            await hosted.StopAsync(default);
        }
    }

    private static FreezeRequest Freeze(string reason = "reason") => new(reason, "ann");

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private async Task<bool> Frozen(string scope)
    {
        var subject = (await House.Get<Subjects>().Of(House.Catalog.AddScope(scope), [], default)).Value;
        return (await House.Get<RuleBook>().Current(default)).Standing(subject, House.Get<TimeProvider>().GetUtcNow()).By is not null;
    }
}
