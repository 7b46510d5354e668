using System.Net;
using Fury.Deployments.Contracts;
using Fury.Deployments.Gates;
using Fury.Deployments.Pins;
using Fury.Deployments.Vetoes;
using Fury.Kernel;

namespace Fury.Deployments.Tests.Vetoes;

/// <summary>What is refused at the door: versions that must not run, and scopes that stay at what they run.</summary>
public sealed class VetoesAndPinsTests(House house) : OverHttp(house)
{
    [Fact]
    public async Task A_vetoed_version_is_refused_on_every_scope_of_its_application_until_it_is_lifted()
    {
        var scope = House.Catalog.AddScope("loser/test-web");
        var other = House.Catalog.AddScope("loser/production-web");
        var made = await Http.Put("applications/loser/vetoes/1.4.0", new VetoRequest("loses orders", "ann"));
        var again = await Http.Put("applications/loser/vetoes/1.4.0", new VetoRequest("loses orders", "ann"));

        var refused = await Deploy(scope, "1.4.0");
        var too = await Deploy(other, "1.4.0");
        var fine = await Deploy(House.Catalog.AddScope("winner/test-web"), "1.4.0");
        var listed = (await Http.Get("applications/loser/vetoes")).Read<Page<Veto>>();
        var lifted = await Http.Post("applications/loser/vetoes/1.4.0/lift", new LiftRequest("bob", "was another's fault"));
        var admitted = await Deploy(scope, "1.4.0");

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (made.Status, again.Status));
        Api.AssertRefused(refused, HttpStatusCode.Conflict, "Version 1.4.0 of loser is vetoed by ann: loses orders", "vetoedBy");
        Api.AssertRefused(too, HttpStatusCode.Conflict, "vetoed by ann");
        Assert.Equal(HttpStatusCode.Created, fine.Status);
        Assert.Equal("loses orders", Assert.Single(listed.Items).Reason);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Created), (lifted.Status, admitted.Status));
    }

    [Fact]
    public async Task A_rollback_to_a_vetoed_version_is_refused_and_what_was_admitted_before_is_known_by_its_key()
    {
        var scope = House.Catalog.AddScope("back/test-web");
        var key = await House.Deployments.Start(scope, new("1.0.0", "all-in"), "key", default);
        await House.Ended(key.Value.Id);
        await House.Ended((await House.Deploy(scope, "1.1.0")).Id);
        await Http.Put("applications/back/vetoes/1.0.0", new VetoRequest("leaks", "ann"));

        var back = await Http.Post("applications/back/scopes/test-web/rollback", new RollbackRequest());
        var repeated = await House.Deployments.Start(scope, new("1.0.0", "all-in"), "key", default);

        Api.AssertRefused(back, HttpStatusCode.Conflict, "vetoed by ann: leaks");
        Assert.Equal(key.Value.Id, repeated.Value.Id);
        Assert.True(await House.Get<IGates>().IsVetoed(scope.Application, VersionName.Parse("1.0.0"), default));
        Assert.False(await House.Get<IGates>().IsVetoed(scope.Application, VersionName.Parse("1.1.0"), default));
    }

    [Fact]
    public async Task A_pinned_scope_takes_a_rollback_and_nothing_else_until_the_pin_is_lifted()
    {
        var scope = House.Catalog.AddScope("pinned/test-web");
        await House.Ended((await House.Deploy(scope, "1.0.0")).Id);
        await House.Ended((await House.Deploy(scope, "1.1.0")).Id);
        const string Path = "applications/pinned/scopes/test-web";
        var made = await Http.Put($"{Path}/pin", new PinRequest("audit", "ann"));
        var again = await Http.Put($"{Path}/pin", new PinRequest("audit", "ann"));

        var refused = await Deploy(scope, "1.2.0");
        var back = await Http.Post($"{Path}/rollback", new RollbackRequest());
        await House.Ended(back.Read<Deployment>().Id);
        var found = (await Http.Get($"{Path}/pin")).Read<Pin>();
        var list = (await Http.Get("pins?after=pinned/test-aaa&limit=1")).Read<Page<Pin>>();
        var lifted = await Http.Post($"{Path}/pin/lift", new LiftRequest("bob", "audit is over"));

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (made.Status, again.Status));
        Api.AssertRefused(refused, HttpStatusCode.Conflict, "Scope pinned/test-web is pinned to what it runs by ann: audit", "pinnedBy");
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (back.Status, lifted.Status));
        Assert.Equal(("ann", scope), (found.By, Assert.Single(list.Items).Scope));
        Assert.Equal(HttpStatusCode.NotFound, (await Http.Get($"{Path}/pin")).Status);
        Assert.Equal(HttpStatusCode.Created, (await Deploy(scope, "1.2.0")).Status);
    }

    [Fact]
    public async Task What_can_not_be_vetoed_or_pinned_is_refused()
    {
        House.Catalog.AddScope("shop/test-web");
        const string Pin = "applications/shop/scopes/test-web/pin";
        Api.AssertRefused(await Http.Put("applications/shop/vetoes/1.0.0", new VetoRequest(null, "")), HttpStatusCode.BadRequest, "reason", "by");
        Api.AssertRefused(await Http.Put("applications/shop/vetoes/one", new VetoRequest("x", "ann")), HttpStatusCode.BadRequest, "version");
        Api.AssertRefused(await Http.Put("applications/nobodys/vetoes/1.0.0", new VetoRequest("x", "ann")), HttpStatusCode.NotFound, "nobodys");
        Api.AssertRefused(await Http.Get("applications/nobodys/vetoes"), HttpStatusCode.NotFound, "nobodys");
        Api.AssertRefused(await Http.Get("applications/shop/vetoes?limit=0"), HttpStatusCode.BadRequest, "limit");
        Api.AssertRefused(await Http.Post("applications/shop/vetoes/7.0.0/lift", new LiftRequest("ann", "x")), HttpStatusCode.NotFound, "7.0.0");
        Api.AssertRefused(await Http.Post("applications/shop/vetoes/7.0.0/lift", new LiftRequest(null, "x")), HttpStatusCode.BadRequest, "by");
        Api.AssertRefused(await Http.Put(Pin, new PinRequest("", null)), HttpStatusCode.BadRequest, "reason", "by");
        Api.AssertRefused(await Http.Put("applications/shop/scopes/no-where/pin", new PinRequest("x", "ann")), HttpStatusCode.NotFound, "no-where");
        Api.AssertRefused(await Http.Post($"{Pin}/lift", new LiftRequest("ann", "x")), HttpStatusCode.NotFound, "shop/test-web");
        Api.AssertRefused(await Http.Post($"{Pin}/lift", new LiftRequest("ann", null)), HttpStatusCode.BadRequest, "reason");
        Api.AssertRefused(await Http.Get("pins?after=x&limit=0"), HttpStatusCode.BadRequest, "after", "limit");
    }

    private Task<Answer> Deploy(ScopeRef scope, string version) =>
        Http.Post($"applications/{scope.Application}/scopes/{scope.Scope}/deployments", new DeploymentRequest(version, "all-in"));
}
