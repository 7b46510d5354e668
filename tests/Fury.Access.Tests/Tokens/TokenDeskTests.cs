using Fury.Access.Contracts;
using Fury.Access.Deciding;
using Fury.Access.Tokens;
using Fury.Catalog;
using Fury.Kernel;
using Fury.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Access.Tests.Tokens;

public sealed class TokenHost : TestDatabase
{
    public TokenHost()
        : base(new AccessModule(), new CatalogModule())
    {
    }

    public SteeredClock Clock { get; } = new();

    protected override void Configure(IServiceCollection services) => services.AddSingleton<TimeProvider>(Clock);
}

public sealed class TokenDeskTests(TokenHost host) : IClassFixture<TokenHost>
{
    private TokenDesk Desk => host.Get<TokenDesk>();

    [Fact]
    public async Task A_token_opens_until_its_end_and_its_use_is_seen()
    {
        var made = (await Desk.Create(Caller.Local, new("ends", "viewer", Days: 1), default)).Value;

        var caller = await Desk.Identify(made.Secret, "127.0.0.9", default);
        Assert.Equal(("ends", CallerKind.Token, null), (caller.Value.Name, caller.Value.Kind, caller.Value.Owner));
        var listed = (await Desk.List(Caller.Local, null, 500, default)).Items.Single(one => one.Name == "ends");
        Assert.Equal("127.0.0.9", listed.LastUsedFrom);

        host.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal("The token 'ends' has expired.", (await Desk.Identify(made.Secret, null, default)).Fault?.Message);
    }

    [Fact]
    public async Task Only_its_hash_is_kept()
    {
        var made = (await Desk.Create(Caller.Local, new("hashed", "viewer"), default)).Value;
        var secret = made.Secret.Split('_')[^1];

        await using var connection = await host.Database.Source.OpenConnectionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "select string_agg(t::text, ' ') from access.token t";
        Assert.DoesNotContain(secret, (string)(await command.ExecuteScalarAsync())!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rotated_token_has_another_secret_and_the_old_one_opens_as_long_as_was_said()
    {
        var first = (await Desk.Create(Caller.Local, new("turned", "viewer"), default)).Value;
        var second = (await Desk.Rotate(Caller.Local, "turned", new(KeepHours: 1), default)).Value;
        Assert.NotEqual(first.Secret, second.Secret);
        Assert.True((await Desk.Identify(first.Secret, null, default)).IsOk);
        Assert.True((await Desk.Identify(second.Secret, null, default)).IsOk);

        host.Clock.Advance(TimeSpan.FromHours(1));
        Assert.False((await Desk.Identify(first.Secret, null, default)).IsOk);

        var third = (await Desk.Rotate(Caller.Local, "turned", new(), default)).Value;
        Assert.False((await Desk.Identify(second.Secret, null, default)).IsOk);
        Assert.True((await Desk.Identify(third.Secret, null, default)).IsOk);
    }

    [Fact]
    public async Task A_token_rotates_no_token_so_that_a_stolen_one_ends()
    {
        await Desk.Create(Caller.Local, new("beside", "viewer"), default);
        var first = (await Desk.Create(Caller.Local, new("stolen", "viewer"), default)).Value;
        await Desk.Rotate(Caller.Local, "stolen", new(KeepHours: 1), default);
        var thief = (await Desk.Identify(first.Secret, null, default)).Value;

        Assert.Equal(FaultKind.Forbidden, (await Desk.Rotate(thief, "stolen", new(), default)).Fault?.Kind);
        Assert.Equal(FaultKind.Forbidden, (await Desk.Rotate(thief, "beside", new(), default)).Fault?.Kind);
    }

    [Fact]
    public async Task A_revoked_token_opens_nothing_and_its_name_stays_taken()
    {
        var made = (await Desk.Create(Caller.Local, new("gone", "viewer"), default)).Value;
        Assert.True((await Desk.Revoke(Caller.Local, "gone", default)).IsOk);

        Assert.Equal("The token 'gone' is revoked.", (await Desk.Identify(made.Secret, null, default)).Fault?.Message);
        Assert.Equal(FaultKind.Conflict, (await Desk.Create(Caller.Local, new("gone", "viewer"), default)).Fault?.Kind);
        Assert.Equal(FaultKind.Conflict, (await Desk.Rotate(Caller.Local, "gone", new(), default)).Fault?.Kind);
    }

    [Fact]
    public async Task A_revoked_token_has_no_grant_any_more()
    {
        await Desk.Create(Caller.Local, new("ungranted", "viewer"), default);
        await Desk.Revoke(Caller.Local, "ungranted", default);

        Assert.Empty((await host.Get<PolicyStore>().List(null, 10, new(SubjectKind.Token, "ungranted"), default)).Items);
    }

    [Fact]
    public async Task Groups_that_the_provider_has_not_named_for_long_count_no_more()
    {
        var eve = new Caller("eve", CallerKind.User) { Groups = ["left"] };
        await Grant("user:eve", "viewer", "organisation");
        var made = (await Desk.Create(eve, new("eve-ci", "viewer", Days: 365), default)).Value;

        host.Clock.Advance(TokenRow.OwnerKnownFor - TimeSpan.FromMinutes(1));
        Assert.Equal(["left"], (await Desk.Identify(made.Secret, null, default)).Value.Owner?.Groups);
        host.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Empty((await Desk.Identify(made.Secret, null, default)).Value.Owner!.Groups);
        await host.Get<TokenStore>().OwnerIsIn("eve", ["back"], host.Clock.GetUtcNow(), default);
        Assert.Equal(["back"], (await Desk.Identify(made.Secret, null, default)).Value.Owner?.Groups);
    }

    [Fact]
    public async Task One_person_makes_so_many_tokens_and_no_more()
    {
        var many = new Caller("many", CallerKind.User);
        await Grant("user:many", "viewer", "organisation");
        for (var number = 0; number < TokenStore.TokensOfOneMax; number++)
        {
            Assert.True((await Desk.Create(many, new($"many-{number}", "viewer"), default)).IsOk);
        }

        Assert.Equal(FaultKind.Exhausted, (await Desk.Create(many, new("many-more", "viewer"), default)).Fault?.Kind);
        await Desk.Revoke(many, "many-0", default);
        Assert.True((await Desk.Create(many, new("many-more", "viewer"), default)).IsOk);
    }

    [Theory]
    [InlineData("fury_")]
    [InlineData("fury_00000000000000000000000000000000_")]
    [InlineData("fury_00000000000000000000000000000000_x")]
    [InlineData("fury_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz_x")]
    public async Task Whatever_looks_like_a_token_is_none(string text) =>
        Assert.Equal("There is no such token.", (await Desk.Identify(text, null, default)).Fault?.Message);

    [Fact]
    public async Task A_person_makes_tokens_for_what_it_may_do_itself_and_sees_its_own_only()
    {
        var dana = new Caller("dana", CallerKind.User) { Groups = ["data"] };
        await Grant("user:dana", "developer", "team:data");

        Assert.Equal(FaultKind.Forbidden, (await Desk.Create(dana, new("dana-all", "viewer"), default)).Fault?.Kind);
        Assert.Equal(FaultKind.Forbidden, (await Desk.Create(dana, new("dana-admin", "administrator", "team:data"), default)).Fault?.Kind);
        var made = (await Desk.Create(dana, new("dana-ci", "developer", "team:data"), default)).Value;
        await Desk.Create(Caller.Local, new("not-danas", "viewer"), default);

        Assert.Equal(["dana-ci"], (await Desk.List(dana, null, 500, default)).Items.Select(one => one.Name));
        Assert.Equal(FaultKind.NotFound, (await Desk.Revoke(dana, "not-danas", default)).Fault?.Kind);
        Assert.Equal(FaultKind.NotFound, (await Desk.Rotate(dana, "not-danas", new(), default)).Fault?.Kind);
        var token = (await Desk.Identify(made.Secret, null, default)).Value;
        Assert.Equal(("dana", "data"), (token.Owner?.Name, token.Owner?.Groups.Single()));
        Assert.Equal(FaultKind.Forbidden, (await Desk.Create(token, new("more", "viewer", "team:data"), default)).Fault?.Kind);
    }

    [Theory]
    [InlineData(null, "viewer", null, 1, "name")]
    [InlineData("<script>", "viewer", null, 1, "name")]
    [InlineData("fine", null, null, 1, "role")]
    [InlineData("fine", "viewer", "everywhere", 1, "on")]
    [InlineData("fine", "viewer", "team:", 1, "on")]
    [InlineData("fine", "viewer", "criticality:some", 1, "on")]
    [InlineData("fine", "viewer", null, 0, "days")]
    [InlineData("fine", "viewer", null, 366, "days")]
    public async Task A_bad_wish_names_its_field(string? name, string? role, string? on, int days, string field) =>
        Assert.Equal(field, Assert.Single((await Desk.Create(Caller.Local, new(name, role, on, days), default)).Fault!.Fields).Field);

    private async Task Grant(string to, string role, string on)
    {
        await host.Get<PolicyStore>().Add(Given.Grant(to, role, on), "test", host.Clock.GetUtcNow(), default);
        host.Get<PolicyBook>().Forget();
    }
}
