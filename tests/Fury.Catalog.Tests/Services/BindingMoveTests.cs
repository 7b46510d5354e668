using System.Net;
using System.Text.Json;
using Fury.Catalog.Bindings;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Catalog.Tests.Services;

/// <summary>Bindings while data moves: the move alone changes them, and of those who run it only the last.</summary>
public sealed class BindingMoveTests(CatalogFixture catalog) : IClassFixture<CatalogFixture>
{
    private static readonly ServiceRoute Source = new("redis", "direct", "redis://10.0.0.7:6379", "local", "carts", null);
    private static readonly ServiceRoute Target = Source with { Endpoint = "redis://10.0.0.8:6379" };

    private readonly Guid _move = Guid.NewGuid();

    private IBindingMoves Moves => catalog.Get<IBindingMoves>();

    [Fact]
    public async Task While_data_moves_nobody_else_changes_the_binding()
    {
        var service = await Service("moved");
        Assert.True((await Moves.Take(Hand(1), service, 1, default)).IsOk);

        foreach (var route in new[] { Source, Target })
        {
            using var bound = await catalog.Put(Path(service), new { route });
            Assert.Equal(HttpStatusCode.Conflict, bound.StatusCode);
            Assert.Contains("fury service move --back", await bound.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using var unbound = await catalog.Client.DeleteAsync(Path(service));
        Assert.Equal(HttpStatusCode.Conflict, unbound.StatusCode);

        Assert.True((await Moves.End(Hand(1), service, default)).IsOk);
        Assert.True((await Moves.End(Hand(1), service, default)).IsOk);
        using var switched = await catalog.Put(Path(service), new { route = Target });
        Assert.Equal(HttpStatusCode.Created, switched.StatusCode);
        Assert.Equal(FaultKind.Stale, (await Moves.Take(Hand(2), service, null, default)).Fault!.Kind);
    }

    [Fact]
    public async Task An_epoch_is_published_once_and_what_a_dead_mover_says_late_is_refused()
    {
        var service = await Service("fenced");
        await Moves.Take(Hand(1), service, 1, default);
        Assert.Equal(2, (await Moves.Publish(Hand(1), service, Wanted(2, MovePhase.Preparing), default)).Value.Epoch);
        Assert.Equal(2, (await Moves.Publish(Hand(1), service, Wanted(2, MovePhase.Preparing), default)).Value.Epoch);
        Assert.Equal(2, (await Moves.Publish(Hand(1), service, Wanted(1, MovePhase.Settling), default)).Value.Epoch);

        await Moves.Take(Hand(2), service, null, default);
        var late = await Moves.Publish(Hand(1), service, Wanted(3, MovePhase.Moving), default);
        Assert.Equal(FaultKind.Stale, late.Fault!.Kind);
        Assert.Equal(FaultKind.Stale, (await Moves.Take(Hand(1), service, null, default)).Fault!.Kind);
        Assert.Equal(FaultKind.Stale, (await Moves.End(Hand(1), service, default)).Fault!.Kind);
        Assert.Equal(FaultKind.Conflict, (await Moves.Take(new(Guid.NewGuid(), 9), service, 2, default)).Fault!.Kind);
        Assert.Equal(2, (await Moves.Find(service, default)).Value.Epoch);

        Assert.Equal(3, (await Moves.Publish(Hand(2), service, Wanted(3, MovePhase.Holding), default)).Value.Epoch);
        Assert.True((await Moves.End(Hand(2), service, default)).IsOk);
        Assert.Equal(FaultKind.Stale, (await Moves.Publish(Hand(2), service, Wanted(4, MovePhase.Moving), default)).Fault!.Kind);
    }

    [Fact]
    public async Task A_move_does_not_begin_from_another_binding_than_it_was_wanted_for()
    {
        var service = await Service("changed");

        Assert.Equal(FaultKind.Conflict, (await Moves.Take(Hand(1), service, 7, default)).Fault!.Kind);
        Assert.Equal(FaultKind.NotFound, (await Moves.Take(Hand(1), service with { Service = ServiceName.Parse("orders") }, 1, default)).Fault!.Kind);
        using var bound = await catalog.Put(Path(service), new { route = Target });
        Assert.Equal(HttpStatusCode.Created, bound.StatusCode);
    }

    [Fact]
    public async Task The_next_phase_waits_for_instances_that_live_and_who_moves_sees_those_who_refuse()
    {
        var service = await Service("followed");
        await Moves.Take(Hand(1), service, 1, default);
        await Moves.Publish(Hand(1), service, Wanted(2, MovePhase.Preparing), default);
        await Holds(service, 1, null);

        Assert.Contains("late-1", (await Moves.Publish(Hand(1), service, Wanted(3, MovePhase.Moving), default)).Fault!.Message, StringComparison.Ordinal);
        await Holds(service, 1, "It has no route to 10.0.0.8.");
        var ((_, inForce, behind), age) = (await Moves.Following(service, TimeSpan.FromMinutes(1), default)).Value;
        Assert.Equal((0, "It has no route to 10.0.0.8."), (inForce, behind.Single().Refused));
        Assert.True(age >= TimeSpan.Zero && age < TimeSpan.FromMinutes(5), $"{age}");
        Assert.Empty((await Moves.Following(service, TimeSpan.Zero, default)).Value.Status.Behind);

        // Turning round does not wait for who cannot follow.
        Assert.True((await Moves.Publish(Hand(1), service, Wanted(3, null), default)).IsOk);
    }

    [Fact]
    public async Task Instances_are_told_both_routes_and_the_phase_under_the_seal()
    {
        var service = await Service("told");
        await Moves.Take(Hand(1), service, 1, default);
        await Moves.Publish(Hand(1), service, Wanted(2, MovePhase.Preparing), default);

        var token = catalog.Get<WorkloadIdentity>().TokenOf(service.Scope);
        var told = SealedBinding.Of((await catalog.Get<BindingStore>().All(service.Scope, default)).Value.Bindings.Single(), token);
        var binding = JsonDocument.Parse(told.Document).RootElement.GetProperty("binding");

        Assert.Equal(
            """
            {"service":"carts","kind":"key-value","epoch":2,"state":"moving","routes":{"source":{"driver":"redis","transport":"direct",
            "endpoint":"redis://10.0.0.7:6379","region":"local","resource":"carts","dialect":{}},"target":{"driver":"redis","transport":"direct",
            "endpoint":"redis://10.0.0.8:6379","region":"local","resource":"carts","dialect":{}}},"phase":"preparing","tokenEpoch":1}
            """.ReplaceLineEndings(""),
            binding.GetRawText());
        using var answer = await catalog.Client.GetAsync($"applications/{service.Scope.Application}/scopes/{service.Scope.Scope}/bindings");
        var shown = (await CatalogFixture.Json(answer))[0].GetProperty("binding");
        Assert.Equal("preparing", shown.GetProperty("move").GetProperty("phase").GetString());
    }

    private static string Path(BoundService service) =>
        $"applications/{service.Scope.Application}/scopes/{service.Scope.Scope}/bindings/{Word.Of(service.Kind)}/{service.Service}";

    private static MoveBinding Wanted(long epoch, MovePhase? phase) =>
        new(epoch, Source, phase is { } known ? new(Target, known) : null, TokenEpoch: 1, "The data moves.", "me");

    private MoveHand Hand(long token) => new(_move, token);

    private Task Holds(BoundService service, long epoch, string? refused) => catalog.Get<HolderStore>().Keep(
        [new(service.Scope, "late-1", [new(service.Kind, service.Service, epoch, refused)], true, false)], default);

    private async Task<BoundService> Service(string application)
    {
        using var app = await catalog.Put($"applications/{application}", new { team = "core" });
        using var scope = await catalog.Put($"applications/{application}/scopes/production-web", new { compute = "standard" });
        using var declared = await catalog.Put($"applications/{application}/services/key-value/carts", new { });
        var service = new BoundService(ScopeRef.Parse($"{application}/production-web"), ServiceKind.KeyValue, ServiceName.Parse("carts"));
        using var bound = await catalog.Put(Path(service), new { route = Source });
        Assert.Equal(HttpStatusCode.Created, bound.StatusCode);
        return service;
    }
}
