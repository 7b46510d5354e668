using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Freezes;
using Fury.Deployments.Gates;
using Fury.Deployments.Pins;
using Fury.Deployments.Planning;
using Fury.Deployments.Vetoes;
using Fury.Kernel;

namespace Fury.Deployments.Tests.Gates;

/// <summary>What a deployment is told at the gates, by all rules together.</summary>
public sealed class GatekeeperTests(House house) : IClassFixture<House>
{
    private static readonly DateTimeOffset End = DateTimeOffset.Parse("2099-01-01T00:00:00Z");

    private IGates Gates => house.Get<IGates>();

    [Theory]
    [InlineData(InFlight.Hold, Ruling.Hold)]
    [InlineData(InFlight.FinishStep, Ruling.FinishStep)]
    [InlineData(InFlight.Rollback, Ruling.TurnBack)]
    internal async Task A_freeze_keeps_what_has_not_begun_waiting_and_says_what_becomes_of_what_is_in_flight(InFlight inFlight, Ruling verdict)
    {
        var deployment = Deployment(house.NewScope());
        await Freeze(deployment.Scope, inFlight);

        var begin = await At(deployment, Checkpoint.Begin);
        var goOn = await At(deployment, Checkpoint.GoOn);

        Assert.Equal((Ruling.Hold, End), (begin.Ruling, begin.Until));
        Assert.Equal($"Frozen by '{deployment.Scope.Scope}' of ann: year end Until 2099-01-01 00:00:00Z.", begin.Why);
        Assert.Equal((verdict, begin.Why), (goOn.Ruling, goOn.Why));
        Assert.Equal(GateStanding.Go, await At(deployment with { Strategy = Strategy.Rollback }, Checkpoint.GoOn));
    }

    [Fact]
    public async Task A_veto_turns_everything_back_and_a_pin_what_has_not_begun()
    {
        var deployment = Deployment(house.NewScope());
        await house.Get<PinStore>().Put(new(deployment.Scope, "audit", "ann", default), default);
        var (begin, goOn) = (await At(deployment, Checkpoint.Begin), await At(deployment, Checkpoint.GoOn));
        var back = await At(deployment with { Strategy = Strategy.Rollback }, Checkpoint.Begin);
        await house.Get<VetoStore>().Put(new(deployment.Scope.Application, deployment.Version, "leaks", "eve", default), default);

        Assert.Equal((Ruling.TurnBack, $"Scope {deployment.Scope} is pinned to what it runs by ann: audit"), (begin.Ruling, begin.Why));
        Assert.Equal((GateStanding.Go, GateStanding.Go), (goOn, back));
        foreach (var strategy in Enum.GetValues<Strategy>())
        {
            var vetoed = await At(deployment with { Strategy = strategy }, Checkpoint.GoOn);
            Assert.Equal((Ruling.TurnBack, "Version 1.0.0 of shop is vetoed by eve: leaks"), (vetoed.Ruling, vetoed.Why));
        }

        await house.Get<VetoStore>().Lift(deployment.Scope.Application, deployment.Version, "eve", "fixed", default);
    }

    [Fact]
    public async Task A_lasting_freeze_has_no_end_in_sight_and_the_next_one_is_foreseen()
    {
        var deployment = Deployment(house.NewScope());
        await Freeze(deployment.Scope, InFlight.Hold, from: End, to: null);
        var subject = (await house.Get<Subjects>().Of(deployment.Scope, [], default)).Value;

        var next = await Gates.NextFreeze(subject, End.AddDays(-1), End.AddDays(1), default);

        Assert.Equal(($"Frozen by '{deployment.Scope.Scope}' of ann: year end", End), next);
        Assert.Null(await Gates.NextFreeze(subject, End.AddDays(-2), End.AddDays(-1), default));
        Assert.Equal(GateStanding.Go, await At(deployment, Checkpoint.Begin));
    }

    [Fact]
    public async Task A_subject_of_an_application_that_is_not_there_is_refused() =>
        Assert.Equal(FaultKind.NotFound, (await house.Get<Subjects>().Of(ScopeRef.Parse("shop/no-where"), [], default)).Fault?.Kind);

    [Fact]
    public async Task What_is_over_for_a_month_is_forgotten()
    {
        await house.Get<FreezeStore>().Put(New("old", End, InFlight.Hold) with { To = house.Get<TimeProvider>().GetUtcNow().AddDays(-31) }, default);
        await house.Get<FreezeStore>().Put(New("young", End, InFlight.Hold) with { To = house.Get<TimeProvider>().GetUtcNow().AddDays(-29) }, default);

        await house.Get<RulesTidy>().Pass(0, default);

        Assert.Null(await house.Get<FreezeStore>().Find("old", default));
        Assert.NotNull(await house.Get<FreezeStore>().Find("young", default));
    }

    private static Freeze New(string name, DateTimeOffset? to, InFlight inFlight) => new(
        Guid.Empty, name, FreezeKind.Deny, new([], [], [name], [], [], []), null, to, null, inFlight, "year end", "ann", default);

    private DeploymentRecord Deployment(ScopeRef scope) => new(
        DeploymentId.New(house.Get<TimeProvider>()), scope, Strategy.BlueGreen, Policies.DefaultOf(Strategy.BlueGreen), FakeCatalog.IdOf(scope, "1.0.0"),
        VersionName.Parse("1.0.0"), PoolId.New(house.Get<TimeProvider>()), default);

    private async Task Freeze(ScopeRef scope, InFlight inFlight, DateTimeOffset? from = null, DateTimeOffset? to = null) =>
        await house.Get<FreezeStore>().Put(New(scope.Scope.Value, from is null ? End : to, inFlight) with { From = from }, default);

    private async Task<GateStanding> At(DeploymentRecord deployment, Checkpoint gate) =>
        await Gates.Of(deployment, (await house.Get<Subjects>().Of(deployment.Scope, [], default)).Value, gate, default);
}
