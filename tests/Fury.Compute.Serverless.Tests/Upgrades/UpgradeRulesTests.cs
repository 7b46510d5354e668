using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Upgrades;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Compute.Serverless.Tests.Upgrades;

/// <summary>How upgrades go on, decided without clusters.</summary>
public sealed class UpgradeRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 30, 9, 0, 0, TimeSpan.Zero);
    private static readonly MinorVersion Old = new(1, 33);
    private static readonly MinorVersion New = new(1, 34);
    private static readonly string[] Plain = ["kubernetes 1.33", "node architecture amd64", "node label pool"];
    private static readonly string[] Odd = ["api cert-manager.io/v1", "kubernetes 1.33", "node architecture amd64"];

    [Fact]
    public void The_least_critical_are_first_in_the_first_tier_one_of_each_shape_and_later_what_is_known_before_what_is_new()
    {
        var targets = UpgradePlan.Of(
            [
                Candidate("any-b", null, Plain), Candidate("high-new", Criticality.High, Odd), Candidate("high-a", Criticality.High, Plain),
                Candidate("low-b", Criticality.Low, Plain), Candidate("low-a", Criticality.Low, Plain), Candidate("has-it", Criticality.Low, Plain, New),
                Candidate("silent", Criticality.High, null),
            ],
            New);

        Assert.Equal(
            ["low-a 0 True", "low-b 1 False", "high-a 2 False", "high-new 3 False", "silent 4 False", "any-b 5 False", "has-it 0 False"],
            targets.Select(target => $"{target.Cluster} {target.Wave} {target.IsCanary}"));
        Assert.Equal((UpgradeTargetState.Skipped, "It has 1.34 already."), (targets[^1].State, targets[^1].Reason));
    }

    [Fact]
    public void In_each_region_one_is_moved_at_a_time_and_never_more_than_asked_for()
    {
        var upgrade = Given([Canary("a"), Canary("b"), Canary("c", "west"), Canary("d", "north")]) with { MaxConcurrent = 2 };

        var (next, orders) = Advance(upgrade, Well);

        Assert.Equal(["a emptying", "b waiting", "c emptying", "d waiting"], States(next));
        Assert.Equal("It waits: 2 others are under way.", next.Targets[3].Reason);
        Assert.Equal([new UpgradeOrder.Drain("a"), new UpgradeOrder.Drain("c")], orders);
        Assert.Equal("It waits: Another one in east is under way, or has failed.", Advance(upgrade with { MaxConcurrent = 9 }, Well).Next.Targets[1].Reason);
    }

    [Fact]
    public void A_shape_that_was_not_seen_before_waits_with_the_difference()
    {
        var upgrade = Given([Target("a") with { State = UpgradeTargetState.Done, Shape = Shapes.NameOf(Plain) }, Target("b", wave: 1)]) with
        {
            Shapes = new Dictionary<string, IReadOnlyList<string>> { [Shapes.NameOf(Plain)] = Shapes.Of(Plain) },
        };

        var blocked = Advance(upgrade, Well with { Traits = Odd }).Next;
        Assert.Equal(["has api cert-manager.io/v1", "lacks node label pool"], blocked.Targets[1].Difference);
        Assert.Equal("It waits for an approval: no cluster of its shape was upgraded before.", blocked.Targets[1].Reason);
        Assert.Equal((UpgradeTargetState.Waiting, "Wave 2 of 2. Of a shape that was not tried before: b."), (blocked.Targets[1].State, blocked.Why));

        var own = UpgradeCommands.Do(blocked, "b", TargetCommand.Approve, "ANN", "sure", Now);
        Assert.Equal(FaultKind.Forbidden, own.Fault?.Kind);
        var approved = UpgradeCommands.Do(blocked, "b", TargetCommand.Approve, "bob", "rehearsed", Now).Value;
        Assert.Equal((UpgradeTargetState.Emptying, null), Of(Advance(approved, Well with { Traits = Odd }).Next.Targets[1], one => one.Difference));

        Assert.Equal(UpgradeTargetState.Emptying, Advance(upgrade, Well).Next.Targets[1].State);
    }

    [Fact]
    public void A_shape_that_an_upgrade_before_has_brought_there_is_proven()
    {
        var shapes = new Dictionary<string, IReadOnlyList<string>> { [Shapes.NameOf(Odd)] = Shapes.Of(Odd) };
        var upgrade = Given([Target("b")]) with { Shapes = shapes, ProvenBefore = [Shapes.NameOf(Odd)] };

        Assert.Equal(UpgradeTargetState.Emptying, Advance(upgrade, Well with { Traits = Odd }).Next.Targets[0].State);
        Assert.Equal(UpgradeTargetState.Waiting, Advance(upgrade, Well).Next.Targets[0].State);
    }

    [Fact]
    public void A_turn_goes_from_emptying_by_its_provider_and_a_while_of_watching_to_done()
    {
        var upgrade = Given([Canary("a")]) with { Soak = TimeSpan.FromHours(1) };
        (upgrade, var orders) = Advance(upgrade, Well with { Pools = 2 });
        Assert.Equal([new UpgradeOrder.Drain("a")], orders);

        // It is not empty yet: and until it is, nothing is asked of its provider.
        (upgrade, orders) = Advance(upgrade, Well with { Phase = ClusterPhase.Draining, Pools = 2 });
        Assert.Equal(("It is being emptied: 2 pools are still there.", 0), (upgrade.Targets[0].Reason, orders.Count));
        (upgrade, orders) = Advance(upgrade, Well with { Phase = ClusterPhase.Draining });
        Assert.Equal(new UpgradeOrder.Move(upgrade.Targets[0]), Assert.Single(orders));

        upgrade = upgrade with { Targets = [UpgradeRules.Moved(upgrade.Targets[0], "ticket", Now)] };
        var moving = Well with { Phase = ClusterPhase.Draining, Move = new("ticket", ClusterUpgradeState.Running, null), Version = New };
        (upgrade, orders) = Advance(upgrade, moving);
        Assert.Equal((UpgradeTargetState.Upgrading, 0), (upgrade.Targets[0].State, orders.Count));
        (upgrade, orders) = Advance(upgrade, moving with { Move = new("ticket", ClusterUpgradeState.Done, null) });
        Assert.Equal((UpgradeTargetState.Soaking, new UpgradeOrder.Fill("a")), (upgrade.Targets[0].State, Assert.Single(orders)));

        (upgrade, _) = Advance(upgrade, Well with { Version = New }, TimeSpan.FromMinutes(59));
        Assert.Equal((UpgradeTargetState.Soaking, false), (upgrade.Targets[0].State, upgrade.Targets[0].Held));
        (upgrade, _) = Advance(upgrade, Well with { Version = New }, TimeSpan.FromMinutes(61));
        Assert.Equal((UpgradeTargetState.Done, UpgradeState.Done, true), (upgrade.Targets[0].State, upgrade.State, upgrade.EndedAt is not null));
    }

    [Fact]
    public void What_no_provider_manages_is_moved_by_hand_at_its_turn()
    {
        var upgrade = Given([Canary("a") with { IsManaged = false }]) with { EmptyFirst = false };

        (upgrade, var orders) = Advance(upgrade, Well);
        (upgrade, _) = Advance(upgrade, Well);
        Assert.Empty(orders);
        Assert.Equal("It is its turn: bring its control plane to 1.34 by your own means. It is at 1.33.", upgrade.Targets[0].Reason);

        Assert.Equal(UpgradeTargetState.Soaking, Advance(upgrade, Well with { Version = New }).Next.Targets[0].State);
        Assert.Equal(UpgradeTargetState.Failed, Advance(upgrade, Well, UpgradeRules.HandMax).Next.Targets[0].State);
    }

    [Fact]
    public void What_is_wrong_with_one_that_is_watched_for_long_enough_fails_it_empties_it_and_stops_the_upgrade()
    {
        var upgrade = Given([Target("a") with { State = UpgradeTargetState.Soaking, Since = Now, FailedBefore = 0.02 }, Target("b", "west")]);
        var failing = Well with { Version = New, FailedShare = 0.5 };

        (upgrade, _) = Advance(upgrade, failing);
        Assert.Equal("50.0 % of the requests to its replicas fail, 2.0 % before.", upgrade.Targets[0].Reason?.Replace('\u00a0', ' '));
        var passed = Advance(upgrade, Well with { Version = New, FailedShare = 0.02 }, TimeSpan.FromMinutes(1)).Next;
        Assert.Null(passed.Targets[0].TroubleSince);

        (upgrade, var orders) = Advance(upgrade, failing, UpgradeRules.TroubleMax);
        Assert.Equal((UpgradeTargetState.Failed, UpgradeState.Stopped), (upgrade.Targets[0].State, upgrade.State));
        Assert.Equal([new UpgradeOrder.Drain("a")], orders);
        Assert.StartsWith("1 failed, and it stops at 1: a (50", upgrade.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, 10, true, "3 of 10 replicas are ready there.")]
    [InlineData(10, 10, false, "Its control plane is lost.")]
    public void It_is_watched_for_replicas_and_for_health(int ready, int wanted, bool isHealthy, string why)
    {
        var upgrade = Given([Target("a") with { State = UpgradeTargetState.Soaking, Since = Now }]);
        var look = Well with { Version = New, Ready = ready, Wanted = wanted };
        look = isHealthy ? look : look with { Health = HealthPhase.Suspect, Why = why };

        Assert.Equal(why, Advance(upgrade, look).Next.Targets[0].Reason);
    }

    [Fact]
    public void A_deadline_ends_each_wait()
    {
        var emptying = Given([Canary("a") with { State = UpgradeTargetState.Emptying, Since = Now, Hold = true, Held = true }]);
        var (failed, orders) = Advance(emptying, Well with { Phase = ClusterPhase.Draining, Pools = 1 }, emptying.Deadline);
        Assert.Equal("It could not be emptied in 2 h: 1 pool is still there, with no place elsewhere.", failed.Targets[0].Reason);
        Assert.Equal([new UpgradeOrder.Fill("a")], orders);

        var upgrading = Given([Canary("a") with { State = UpgradeTargetState.Upgrading, Since = Now, Ticket = "t", Hold = true, Held = true }]);
        (failed, orders) = Advance(upgrading, Well with { Phase = ClusterPhase.Draining }, upgrading.Deadline);
        Assert.Equal("Its control plane has not come to 1.34 in 2 h: It is at 1.33.", failed.Targets[0].Reason);
        Assert.Empty(orders);
    }

    [Fact]
    public void Who_skips_a_version_is_not_moved_and_who_is_not_healthy_waits()
    {
        var upgrade = Given([Canary("a"), Canary("b", "west")]) with { StopAfter = 9 };

        var (next, orders) = UpgradeRules.Advance(
            upgrade,
            new Dictionary<string, ClusterLook>
            {
                ["a"] = Well with { Version = new(1, 31) },
                ["b"] = Well with { Health = HealthPhase.Frozen, Why = "It is lost." },
            },
            Now);

        Assert.Equal(["a failed", "b waiting"], States(next));
        Assert.Equal("It waits until it is healthy: It is lost.", next.Targets[1].Reason);
        Assert.Empty(orders);
    }

    [Fact]
    public void A_stop_gives_back_what_is_being_emptied_and_turns_no_control_plane_back()
    {
        var upgrade = Given(
        [
            Canary("a") with { State = UpgradeTargetState.Emptying, Since = Now, Hold = true, Held = true },
            Canary("b", "west") with { State = UpgradeTargetState.Upgrading, Since = Now, Hold = true, Held = true, Ticket = "t" },
            Canary("c", "north"),
        ]);
        var look = Well with { Phase = ClusterPhase.Draining, Pools = 1 };

        var (stopped, orders) = Advance(Ask(upgrade, UpgradeCommand.Stop), look);
        Assert.Equal(["a waiting", "b upgrading", "c waiting"], States(stopped));
        Assert.Equal([new UpgradeOrder.Fill("a")], orders);

        var (resumed, _) = Advance(Ask(stopped, UpgradeCommand.Resume), Well);
        Assert.Equal(["a emptying", "b upgrading", "c emptying"], States(resumed));

        var (aborted, _) = Advance(Ask(stopped, UpgradeCommand.Abort), Well with { Version = New });
        Assert.Equal(["a skipped", "b soaking", "c skipped"], States(aborted));
        Assert.Null(aborted.EndedAt);
        (aborted, _) = Advance(aborted, Well with { Version = New }, TimeSpan.FromDays(2));
        Assert.Equal((UpgradeState.Aborted, true), (aborted.State, aborted.EndedAt is not null));
        Assert.Equal(FaultKind.Conflict, UpgradeCommands.Do(aborted, UpgradeCommand.Resume, "bob", "again", Now).Fault?.Kind);
    }

    [Fact]
    public void What_has_failed_is_tried_again_when_it_is_resumed_or_left_out()
    {
        var upgrade = Given([Canary("a") with { State = UpgradeTargetState.Failed, Hold = true, Held = true, Ticket = "t" }, Canary("b")]) with
        {
            State = UpgradeState.Stopped,
        };

        var again = Ask(upgrade, UpgradeCommand.Resume).Targets[0];
        Assert.Equal((UpgradeTargetState.Waiting, null, false), (again.State, again.Ticket, again.Hold));

        var left = UpgradeCommands.Do(upgrade, "a", TargetCommand.Skip, "bob", "it is given up", Now).Value.Targets[0];
        Assert.Equal((UpgradeTargetState.Skipped, "Left out by bob: it is given up"), (left.State, left.Reason));
        Assert.Equal(FaultKind.NotFound, UpgradeCommands.Do(upgrade, "z", TargetCommand.Skip, "bob", "x", Now).Fault?.Kind);
    }

    [Fact]
    public void An_upgrade_ends_although_somebody_else_has_set_a_cluster_to_drain_that_has_failed()
    {
        var upgrade = Given([Canary("a") with { State = UpgradeTargetState.Failed, Hold = true }]) with { StopAfter = 2 };

        Assert.NotNull(Advance(upgrade, Well with { Phase = ClusterPhase.Draining }).Next.EndedAt);
    }

    [Fact]
    public void A_provider_that_is_busy_is_asked_again_and_one_that_refuses_fails_it()
    {
        var target = Canary("a") with { State = UpgradeTargetState.Upgrading, Hold = true };

        Assert.Equal(UpgradeTargetState.Upgrading, UpgradeRules.Moved(target, Fault.Conflict("It is busy."), Now).State);
        Assert.Equal((UpgradeTargetState.Failed, false), Of(UpgradeRules.Moved(target, Fault.Invalid("No such version."), Now), one => one.Hold));
        Assert.Equal(UpgradeTargetState.Skipped, UpgradeRules.Moved(target with { State = UpgradeTargetState.Skipped }, "late", Now).State);
    }

    [Theory]
    [InlineData("1.34", true)]
    [InlineData("1", false)]
    [InlineData("1.34.2", false)]
    [InlineData("v1.34", false)]
    [InlineData("1. 4", false)]
    [InlineData("-1.4", false)]
    [InlineData("1.99999999999", false)]
    [InlineData(null, false)]
    public void A_version_is_a_major_and_a_minor(string? text, bool isVersion) => Assert.Equal(isVersion, MinorVersion.TryParse(text, out _));

    private static ClusterLook Well { get; } = new(ClusterPhase.Active, HealthPhase.Healthy, "All is well.", Old, Plain);

    private static Target Target(string name, string region = "east", int wave = 0) => Canary(name, region) with { Wave = wave, IsCanary = false };

    private static Upgrade Given(IReadOnlyList<Target> targets) =>
        new(Guid.CreateVersion7(Now), "to-34", "ann", New, true, 5, 1, TimeSpan.FromHours(24), TimeSpan.FromHours(2), Now)
        {
            Targets = targets,
            Waves = targets.Max(target => target.Wave) + 1,
        };

    private static Target Canary(string name, string region = "east") => new(name, "aws", region, Criticality.Low, IsManaged: true, Wave: 0, IsCanary: true);

    private static Candidate Candidate(string name, Criticality? criticality, string[]? traits, MinorVersion? version = null) =>
        new(name, "aws", "east", criticality, true, version ?? Old, traits);

    private static (Upgrade Next, IReadOnlyList<UpgradeOrder> Orders) Advance(Upgrade upgrade, ClusterLook look, TimeSpan later = default) =>
        UpgradeRules.Advance(upgrade, upgrade.Targets.ToDictionary(target => target.Cluster, _ => look), Now + later);

    private static Upgrade Ask(Upgrade upgrade, UpgradeCommand command) => UpgradeCommands.Do(upgrade, command, "bob", "a look", Now).Value;

    private static string[] States(Upgrade upgrade) => [.. upgrade.Targets.Select(target => $"{target.Cluster} {Word.Of(target.State)}")];

    private static (UpgradeTargetState State, T Of) Of<T>(Target target, Func<Target, T> of) => (target.State, of(target));
}
