using System.Net;
using Fury.Deployments.Contracts;
using Fury.Deployments.Gates;
using Fury.Deployments.Pins;
using Fury.Deployments.Vetoes;
using Fury.Kernel;

namespace Fury.Deployments.Tests.Vetoes;

/// <summary>What is refused at the door: versions that must not run, and scopes that stay at what they run.</summary>
public sealed class VetoesAndPinsTests(House house) : IClassFixture<House>, IAsyncLifetime
{
    private Api _api = null!;

    public async Task InitializeAsync()
    {
        await house.Started();
        _api = await Api.Start(house.Services);
    }

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task A_vetoed_version_is_refused_on_every_scope_of_its_application_until_it_is_lifted()
    {
        var scope = house.Catalog.AddScope("loser/test-web");
        var other = house.Catalog.AddScope("loser/production-web");
        var made = await _api.Put("applications/loser/vetoes/1.4.0", new VetoRequest("loses orders", "ann"));
        var again = await _api.Put("applications/loser/vetoes/1.4.0", new VetoRequest("loses orders", "ann"));

        var refused = await Deploy(scope, "1.4.0");
        var too = await Deploy(other, "1.4.0");
        var fine = await Deploy(house.Catalog.AddScope("winner/test-web"), "1.4.0");
        var listed = (await _api.Get("applications/loser/vetoes")).Read<Page<Veto>>();
        var lifted = await _api.Post("applications/loser/vetoes/1.4.0/lift", new LiftRequest("bob", "was another's fault"));
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
        var scope = house.Catalog.AddScope("back/test-web");
        var key = await house.Deployments.Start(scope, new("1.0.0", "all-in"), "key", default);
        await house.Ended(key.Value.Id);
        await house.Ended((await house.Deploy(scope, "1.1.0")).Id);
        await _api.Put("applications/back/vetoes/1.0.0", new VetoRequest("leaks", "ann"));

        var back = await _api.Post("applications/back/scopes/test-web/rollback", new RollbackRequest());
        var repeated = await house.Deployments.Start(scope, new("1.0.0", "all-in"), "key", default);

        Api.AssertRefused(back, HttpStatusCode.Conflict, "vetoed by ann: leaks");
        Assert.Equal(key.Value.Id, repeated.Value.Id);
        Assert.True(await house.Get<IGates>().IsVetoed(scope.Application, VersionName.Parse("1.0.0"), default));
        Assert.False(await house.Get<IGates>().IsVetoed(scope.Application, VersionName.Parse("1.1.0"), default));
    }

    [Fact]
    public async Task A_pinned_scope_takes_a_rollback_and_nothing_else_until_the_pin_is_lifted()
    {
        var scope = house.Catalog.AddScope("pinned/test-web");
        await house.Ended((await house.Deploy(scope, "1.0.0")).Id);
        await house.Ended((await house.Deploy(scope, "1.1.0")).Id);
        const string Path = "applications/pinned/scopes/test-web";
        var made = await _api.Put($"{Path}/pin", new PinRequest("audit", "ann"));
        var again = await _api.Put($"{Path}/pin", new PinRequest("audit", "ann"));

        var refused = await Deploy(scope, "1.2.0");
        var back = await _api.Post($"{Path}/rollback", new RollbackRequest());
        await house.Ended(back.Read<Deployment>().Id);
        var found = (await _api.Get($"{Path}/pin")).Read<Pin>();
        var list = (await _api.Get("pins?after=pinned/test-aaa&limit=1")).Read<Page<Pin>>();
        var lifted = await _api.Post($"{Path}/pin/lift", new LiftRequest("bob", "audit is over"));

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (made.Status, again.Status));
        Api.AssertRefused(refused, HttpStatusCode.Conflict, "Scope pinned/test-web is pinned to what it runs by ann: audit", "pinnedBy");
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (back.Status, lifted.Status));
        Assert.Equal(("ann", scope), (found.By, Assert.Single(list.Items).Scope));
        Assert.Equal(HttpStatusCode.NotFound, (await _api.Get($"{Path}/pin")).Status);
        Assert.Equal(HttpStatusCode.Created, (await Deploy(scope, "1.2.0")).Status);
    }

    [Fact]
    public async Task What_can_not_be_vetoed_or_pinned_is_refused()
    {
        house.Catalog.AddScope("shop/test-web");
        const string Pin = "applications/shop/scopes/test-web/pin";
        Api.AssertRefused(await _api.Put("applications/shop/vetoes/1.0.0", new VetoRequest(null, "")), HttpStatusCode.BadRequest, "reason", "by");
        Api.AssertRefused(await _api.Put("applications/shop/vetoes/one", new VetoRequest("x", "ann")), HttpStatusCode.BadRequest, "version");
        Api.AssertRefused(await _api.Put("applications/nobodys/vetoes/1.0.0", new VetoRequest("x", "ann")), HttpStatusCode.NotFound, "nobodys");
        Api.AssertRefused(await _api.Get("applications/nobodys/vetoes"), HttpStatusCode.NotFound, "nobodys");
        Api.AssertRefused(await _api.Get("applications/shop/vetoes?limit=0"), HttpStatusCode.BadRequest, "limit");
        Api.AssertRefused(await _api.Post("applications/shop/vetoes/7.0.0/lift", new LiftRequest("ann", "x")), HttpStatusCode.NotFound, "7.0.0");
        Api.AssertRefused(await _api.Post("applications/shop/vetoes/7.0.0/lift", new LiftRequest(null, "x")), HttpStatusCode.BadRequest, "by");
        Api.AssertRefused(await _api.Put(Pin, new PinRequest("", null)), HttpStatusCode.BadRequest, "reason", "by");
        Api.AssertRefused(await _api.Put("applications/shop/scopes/no-where/pin", new PinRequest("x", "ann")), HttpStatusCode.NotFound, "no-where");
        Api.AssertRefused(await _api.Post($"{Pin}/lift", new LiftRequest("ann", "x")), HttpStatusCode.NotFound, "shop/test-web");
        Api.AssertRefused(await _api.Post($"{Pin}/lift", new LiftRequest("ann", null)), HttpStatusCode.BadRequest, "reason");
        Api.AssertRefused(await _api.Get("pins?after=x&limit=0"), HttpStatusCode.BadRequest, "after", "limit");
    }

    private Task<Answer> Deploy(ScopeRef scope, string version) =>
        _api.Post($"applications/{scope.Application}/scopes/{scope.Scope}/deployments", new DeploymentRequest(version, "all-in"));
}
