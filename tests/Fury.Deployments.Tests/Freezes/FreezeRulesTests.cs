using Fury.Deployments.Freezes;
using Fury.Deployments.Gates;
using Fury.Kernel;

namespace Fury.Deployments.Tests.Freezes;

public sealed class FreezeRulesTests
{
    private const string Berlin = "Europe/Berlin";

    private static readonly Selectors All = new([], [], [], [], [], []);

    private static readonly DateTimeOffset Noon = DateTimeOffset.Parse("2026-12-24T12:00:00Z");

    private static readonly Subject Web = new(ScopeRef.Parse("shop/production-web"), "shoppers", Criticality.High, [new("aws", "eu-west-1", "one")]);

    [Theory]
    [InlineData("2026-03-27T17:00:00Z", true)]
    [InlineData("2026-03-30T05:59:00Z", true)]
    [InlineData("2026-03-30T06:00:00Z", false)]
    [InlineData("2026-10-23T16:00:00Z", true)]
    [InlineData("2026-10-26T06:59:00Z", true)]
    [InlineData("2026-10-26T07:00:00Z", false)]
    public void A_weekend_of_62_hours_from_Friday_18_00_ends_on_Monday_at_8_00_also_when_the_clocks_change(string now, bool isFrozen)
    {
        var weekend = Freeze() with { Recurs = new("0 18 * * 5", Berlin, 62 * 60) };

        Assert.Equal(isFrozen, FreezeRules.At([weekend], [], Web, DateTimeOffset.Parse(now)).By is not null);
    }

    [Fact]
    public void An_end_in_the_hour_that_is_skipped_comes_as_late_as_it_would_without_the_change()
    {
        // Clocks go from 2:00 to 3:00 on March 29 at 1:00 UTC.
        var night = Freeze() with { Recurs = new("30 1 * * *", Berlin, 60) };

        var standing = FreezeRules.At([night], [], Web, DateTimeOffset.Parse("2026-03-29T00:30:00Z"));

        Assert.Equal(DateTimeOffset.Parse("2026-03-29T01:30:00Z"), standing.Until);
    }

    [Fact]
    public void Deny_beats_allow()
    {
        var allow = Freeze("hours", FreezeKind.Allow) with { From = Noon, To = Noon.AddHours(4) };
        var deny = Freeze("audit") with { From = Noon.AddHours(1), To = Noon.AddHours(2) };

        Assert.Null(FreezeRules.At([allow, deny], [], Web, Noon).By);
        Assert.Equal(("audit", Noon.AddHours(2)), Seen(FreezeRules.At([allow, deny], [], Web, Noon.AddHours(1))));
        Assert.Null(FreezeRules.At([allow, deny], [], Web, Noon.AddHours(2)).By);
        Assert.Equal(("hours", null), Seen(FreezeRules.At([allow, deny], [], Web, Noon.AddHours(4))));
    }

    [Fact]
    public void A_subject_that_no_allow_covers_may_be_deployed_to_at_any_time()
    {
        var others = Freeze("hours", FreezeKind.Allow) with { Covers = All with { Teams = ["others"] }, To = Noon };

        Assert.Null(FreezeRules.At([others], [], Web, Noon.AddDays(1)).By);
    }

    [Fact]
    public void One_location_that_is_frozen_freezes_the_subject()
    {
        var aws = Freeze() with { Covers = All with { Providers = ["aws"], Regions = ["eu-west-1"] } };

        Assert.NotNull(FreezeRules.At([aws], [], Web with { Locations = [new("gcp", "eu", "two"), .. Web.Locations] }, Noon).By);
        Assert.Null(FreezeRules.At([aws], [], Web with { Locations = [new("aws", "us-east-1", "one")] }, Noon).By);
        Assert.Null(FreezeRules.At([aws], [], Web with { Locations = [] }, Noon).By);
    }

    [Fact]
    public void Each_selector_must_have_the_subject()
    {
        Selectors right = new(["others", "shoppers"], [ApplicationName.Parse("shop")], ["production-*"], [Criticality.High], ["aws"], ["eu-west-1"]);
        Selectors[] wrong =
        [
            right with { Teams = ["others"] }, right with { Applications = [ApplicationName.Parse("cart")] }, right with { Scopes = ["*-worker", "test-*"] },
            right with { Criticalities = [Criticality.Critical, Criticality.Low] }, right with { Providers = ["gcp"] }, right with { Regions = ["eu-west-2"] },
        ];

        Assert.NotNull(FreezeRules.At([Freeze() with { Covers = right }], [], Web, Noon).By);
        Assert.All(wrong, covers => Assert.Null(FreezeRules.At([Freeze() with { Covers = covers }], [], Web, Noon).By));
    }

    [Fact]
    public void An_override_lifts_one_freeze_for_one_scope_until_its_end_once_it_is_confirmed()
    {
        var freeze = Freeze() with { To = Noon.AddDays(7) };
        var lifted = new Override(
            Guid.Empty, freeze.Id, ApplicationName.Parse("shop"), ScopeName.Parse("production-web"), Noon.AddHours(1), "", "ann", Noon, "bob", Noon);

        Assert.Null(FreezeRules.At([freeze], [lifted], Web, Noon).By);
        Assert.NotNull(FreezeRules.At([freeze], [lifted], Web, Noon.AddHours(1)).By);
        Assert.NotNull(FreezeRules.At([freeze], [lifted with { ConfirmedBy = null }], Web, Noon).By);
        Assert.NotNull(FreezeRules.At([freeze], [lifted], Web with { Scope = ScopeRef.Parse("shop/test-web") }, Noon).By);
        Assert.NotNull(FreezeRules.At([freeze], [lifted], Web with { Scope = ScopeRef.Parse("cart/production-web") }, Noon).By);
        Assert.NotNull(FreezeRules.At([freeze, Freeze("other")], [lifted], Web, Noon).By);
        Assert.Equal((freeze, Noon.AddHours(1)), FreezeRules.NextFreeze([freeze], [lifted], Web, Noon, Noon.AddDays(1)));
    }

    [Fact]
    public void Of_several_freezes_the_one_counts_that_is_hardest_on_what_is_in_flight_and_the_last_end()
    {
        var soft = Freeze("soft") with { InFlight = InFlight.FinishStep, To = Noon.AddHours(3) };
        var hard = Freeze("hard") with { InFlight = InFlight.Rollback, To = Noon.AddHours(2) };
        var usual = Freeze("usual") with { To = Noon.AddHours(1) };

        Assert.Equal(("hard", Noon.AddHours(3)), Seen(FreezeRules.At([soft, hard, usual], [], Web, Noon)));
    }

    [Fact]
    public void What_comes_again_before_it_is_over_has_no_end_in_sight_as_what_has_none()
    {
        Assert.Equal(("f", null), Seen(FreezeRules.At([Freeze()], [], Web, Noon)));
        Assert.Equal(("f", null), Seen(FreezeRules.At([Freeze() with { Recurs = new("0 * * * *", "UTC", 90) }], [], Web, Noon)));
        Assert.Null(FreezeRules.NextFreeze([Freeze() with { From = Noon.AddHours(2) }], [], Web, Noon, Noon.AddHours(2)));
    }

    /// <summary>Whatever is asked at whatever minute is what a walk through all minutes says.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Freezes_by_chance_say_what_a_walk_minute_by_minute_says(int seed)
    {
        const int Minutes = 8 * 24 * 60;
        var world = new RandomFreezes(seed, Minutes);
        var frozen = Enumerable.Range(0, Minutes).Select(world.IsFrozen).ToArray();
        var random = new Random(seed);
        var turns = Enumerable.Range(1, Minutes - 1).Where(minute => frozen[minute] != frozen[minute - 1]).SelectMany(minute => new[] { minute - 1, minute });
        foreach (var minute in turns.Concat(Enumerable.Range(0, 200).Select(_ => random.Next(Minutes))).Append(0))
        {
            var now = world.From.AddMinutes(minute);
            var standing = FreezeRules.At(world.Freezes, world.Overrides, world.Subject, now);
            var next = FreezeRules.NextFreeze(world.Freezes, world.Overrides, world.Subject, now, world.From.AddMinutes(Minutes));
            var why = $"seed {seed}, {world.Zone.Id}, {now:O}: {string.Join("; ", world.Freezes)}; {string.Join("; ", world.Overrides)}";

            Assert.True(frozen[minute] == standing.By is not null, why);
            Assert.True(Until(minute, false) == (frozen[minute] ? Within(standing.Until) : now), $"{standing.Until} {why}");
            Assert.True(Until(minute, true) == next?.At, $"{next?.At} {why}");
        }

        DateTimeOffset? Until(int from, bool isFrozen) =>
            Array.IndexOf(frozen, isFrozen, from) is >= 0 and var minute ? world.From.AddMinutes(minute) : null;

        DateTimeOffset? Within(DateTimeOffset? at) => at < world.From.AddMinutes(Minutes) ? at : null;
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 60)];

    private static Freeze Freeze(string name = "f", FreezeKind kind = FreezeKind.Deny) =>
        new(Guid.CreateVersion7(Noon), name, kind, All, null, null, null, InFlight.Hold, "", "ann", Noon);

    private static (string?, DateTimeOffset?) Seen(Standing standing) => (standing.By?.Name, standing.Until);
}
