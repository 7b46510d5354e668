using Fury.Access.Contracts;
using Fury.Access.Deciding;
using Fury.Kernel;

namespace Fury.Access.Tests.Deciding;

public sealed class DecideTests
{
    private static readonly Facts Shop = new(ApplicationName.Parse("shop"), ScopeName.Parse("production-web"), "payments", Criticality.High);
    private static readonly Caller Ann = new("ann", CallerKind.User) { Groups = ["payments", "chess"] };

    [Fact]
    public void Nothing_is_allowed_that_no_grant_allows()
    {
        foreach (var permission in Enum.GetValues<Permission>())
        {
            var decision = Decide.On(new([.. Role.Standard], []), Ann, permission, Shop);
            Assert.False(decision.Allowed);
            Assert.Equal($"'ann' needs the permission {Word.Of(permission)} on shop/production-web, and has no role there.", decision.Why);
        }
    }

    [Theory]
    [InlineData("user:ann", "organisation", true)]
    [InlineData("user:ann", "team:payments", true)]
    [InlineData("user:ann", "team:search", false)]
    [InlineData("user:ann", "application:shop", true)]
    [InlineData("user:ann", "application:shopping", false)]
    [InlineData("user:ann", "criticality:high", true)]
    [InlineData("user:ann", "criticality:low", false)]
    [InlineData("user:Ann", "organisation", false)]
    [InlineData("user:bob", "organisation", false)]
    [InlineData("group:chess", "organisation", true)]
    [InlineData("group:ann", "organisation", false)]
    [InlineData("token:ann", "organisation", false)]
    [InlineData("owners", "organisation", true)]
    public void A_grant_covers_its_subject_at_its_level_alone(string to, string on, bool allowed)
    {
        var policy = Given.Policy((to, "developer", on));

        Assert.Equal(allowed, Decide.On(policy, Ann, Permission.Deploy, Shop).Allowed);
        Assert.False(Decide.On(policy, Ann, Permission.Administer, Shop).Allowed);
        Assert.Equal(allowed || to == "user:ann", Decide.Anywhere(policy, Ann, Permission.Deploy).Allowed);
    }

    [Theory]
    [InlineData("team:payments")]
    [InlineData("application:shop")]
    [InlineData("criticality:high")]
    public void What_is_granted_for_a_part_says_nothing_of_the_whole(string on) =>
        Assert.False(Decide.On(Given.Policy(("user:ann", "administrator", on)), Ann, Permission.View, Facts.Organisation).Allowed);

    [Fact]
    public void Of_what_is_not_there_nobody_is_the_owner()
    {
        var policy = Given.Policy(("owners", "developer", "organisation"), ("user:bob", "administrator", "criticality:low"));
        var nothing = new Facts(ApplicationName.Parse("new"), null, null, null);

        Assert.False(Decide.On(policy, Ann, Permission.View, nothing).Allowed);
        Assert.False(Decide.On(policy, new("bob", CallerKind.User), Permission.View, nothing).Allowed);
    }

    [Fact]
    public void Owners_own_what_their_team_owns_and_nothing_else()
    {
        var policy = Given.Policy(("owners", "developer", "organisation"));

        Assert.True(Decide.On(policy, Ann, Permission.Deploy, Shop).Allowed);
        Assert.False(Decide.On(policy, Ann, Permission.View, Shop with { Team = "search" }).Allowed);
        Assert.False(Decide.On(policy, Ann, Permission.View, Facts.Organisation).Allowed);
        Assert.False(Decide.Anywhere(policy, new("bob", CallerKind.User), Permission.View).Allowed);
    }

    [Fact]
    public void A_token_may_do_what_it_was_granted_and_no_more_than_its_owner()
    {
        var token = new Caller("ci", CallerKind.Token) { Owner = Ann };
        var policy = Given.Policy(("token:ci", "administrator", "organisation"), ("user:ann", "viewer", "team:payments"));

        Assert.True(Decide.On(policy, token, Permission.View, Shop).Allowed);
        var refused = Decide.On(policy, token, Permission.Deploy, Shop);
        Assert.False(refused.Allowed);
        Assert.StartsWith("The token 'ci' may do no more than its owner: 'ann' needs", refused.Why, StringComparison.Ordinal);
        Assert.True(Decide.On(policy, token with { Owner = null }, Permission.Deploy, Shop).Allowed);
        Assert.False(Decide.On(Given.Policy(("user:ann", "administrator", "organisation")), token, Permission.View, Shop).Allowed);
    }

    [Fact]
    public void Whoever_has_a_role_there_hears_which_one()
    {
        var policy = Given.Policy(("user:ann", "viewer", "organisation"), ("user:ann", "releaser", "team:search"));

        Assert.Equal(
            "'ann' needs the permission config on shop/production-web, and has only viewer there.", Decide.On(policy, Ann, Permission.Config, Shop).Why);
        Assert.Equal(
            "'ann' is viewer by the grant for user:ann at organisation.", Decide.On(policy, Ann, Permission.View, Shop).Why);
    }

    [Theory]
    [InlineData(CallerKind.Local)]
    [InlineData(CallerKind.Bootstrap)]
    public void Whoever_sets_the_host_up_may_do_everything(CallerKind kind) => Assert.All(
        Enum.GetValues<Permission>(), permission => Assert.True(Decide.On(Policy.Empty, new("x", kind), permission, Facts.Organisation).Allowed));

    /// <summary>Random grants: whatever is decided for one application is what the list shows of it.</summary>
    [Fact]
    public void A_list_shows_what_the_decision_allows_and_nothing_else()
    {
        const int Seed = 20_11;
        var random = new Random(Seed);
        string[] subjects = ["user:ann", "group:payments", "group:chess", "owners", "token:ci", "user:bob"];
        string[] levels = ["organisation", "team:payments", "team:search", "application:shop", "application:cart", "criticality:low", "criticality:high"];
        string[] roles = ["viewer", "developer", "nothing"];
        string Any(string[] of) => of[random.Next(of.Length)];
        for (var round = 0; round < 500; round++)
        {
            var grants = Enumerable.Range(0, random.Next(4)).Select(_ => Any(subjects) is "owners" ? ("owners", Any(roles), "organisation")
                : (Any([.. subjects.Except(["owners"])]), Any(roles), Any(levels))).ToArray();
            var policy = Given.Policy(grants);
            var caller = random.Next(2) == 0 ? Ann : new Caller("ci", CallerKind.Token) { Owner = random.Next(2) == 0 ? Ann : null };
            var facts = new Facts(
                ApplicationName.Parse(Any(["shop", "cart", "mail"])), null, Any(["payments", "search", "chess"]),
                random.Next(2) == 0 ? Criticality.Low : Criticality.High);

            var shown = Decide.Reach(policy, caller, Permission.View).All(reach => reach.All || reach.Teams.Contains(facts.Team!)
                || reach.Applications.Contains(facts.Application!.Value) || reach.Criticalities.Contains(facts.Criticality!.Value));

            Assert.True(
                shown == Decide.On(policy, caller, Permission.View, facts).Allowed,
                $"seed {Seed}, round {round}: {caller} {facts} {string.Join(' ', grants)}");
        }
    }
}
