using System.CommandLine;
using Fury.Cli.CommandLine;
using Fury.Cli.Http;
using Fury.Cli.Output;

namespace Fury.Cli.Access;

/// <summary>Tokens for scripts, and who may do what.</summary>
internal static class TokenCommand
{
    private sealed record Token(
        string Name, string Role, string On, string? Owner, DateTimeOffset ExpiresAt, DateTimeOffset? RevokedAt, DateTimeOffset? LastUsedAt,
        string? LastUsedFrom);

    private sealed record NewToken(Token Token, string Secret);

    private sealed record Grant(string Id, string Role, string To, string On);

    public static FuryCommand Create(Globals globals) => new FuryCommand("token", "Tokens for scripts and other programs.")
        .With(Make(globals), List(globals), Rotate(globals), Revoke(globals));

    public static FuryCommand Grants(Globals globals) => new FuryCommand("grant", "Who has which role where. What no grant allows is not allowed.")
        .With(AddGrant(globals), ListGrants(globals), RemoveGrant(globals));

    private static FuryCommand Make(Globals globals)
    {
        var (name, role, on, days) = (Named(), Role(), On(), Days());
        return new FuryCommand(
                "create", "Makes a token that may do no more than its maker. It is written to the output this once.",
                "fury token create ci --role developer --on team:payments --days 30")
            .With(name, role, on, days)
            .Runs(globals, async (call, cancellation) =>
            {
                var body = new { Name = call.Value(name), Role = call.Value(role), On = call.Value(on), Days = call.Value(days) };
                Show(call, await call.Api.PostOnce(Routes.Tokens, body, cancellation), "made");
            });
    }

    private static FuryCommand List(Globals globals) => new FuryCommand("list", "One's own tokens; for administrators all.", "fury token list").Lists<Token>(
        globals,
        _ => Routes.Tokens,
        _ => "No tokens. Make one: fury token create NAME --role ROLE",
        ["TOKEN", "ROLE", "ON", "OWNER", "ENDS", "LAST USED", "FROM"],
        one =>
        [
            one.Name, one.Role, one.On, one.Owner, one.RevokedAt is { } revoked ? $"revoked {Plain.Time(revoked)}" : Plain.Time(one.ExpiresAt),
            one.LastUsedAt is { } used ? Plain.Time(used) : "never", one.LastUsedFrom,
        ]);

    private static FuryCommand Rotate(Globals globals)
    {
        var (name, days) = (Named(), Days());
        var keep = new Option<int?>("--keep-hours") { Description = "How long the old one opens too, 0 (the default) to 168.", HelpName = "N" };
        return new FuryCommand("rotate", "Gives a token another secret and another end.", "fury token rotate ci --keep-hours 24")
            .With(name, keep, days)
            .Runs(globals, async (call, cancellation) =>
            {
                var body = new { KeepHours = call.Value(keep), Days = call.Value(days) };
                Show(call, await call.Api.PostOnce($"{Routes.Token(call.Value(name)!)}/rotate", body, cancellation), "rotated");
            });
    }

    private static FuryCommand Revoke(Globals globals)
    {
        var name = Named();
        return new FuryCommand("revoke", "Ends a token at once and for ever.", "fury token revoke ci").With(name).Runs(globals, async (call, cancellation) =>
        {
            var answer = await call.Api.Delete(Routes.Token(call.Value(name)!), cancellation);
            call.Out.WriteLine(call.Json ? answer.Text : $"Token {call.Value(name)} opens nothing any more.");
        });
    }

    private static FuryCommand AddGrant(Globals globals)
    {
        var (role, on) = (Role(), On());
        var to = new Option<string>("--to") { Description = "user:NAME, group:NAME, token:NAME or owners.", HelpName = "WHOM", Required = true };
        return new FuryCommand("add", "Grants a role.", "fury grant add --role releaser --to group:payments --on criticality:critical")
            .With(role, to, on)
            .Runs(globals, async (call, cancellation) =>
            {
                var answer = await call.Api.Post(Routes.Grants, new { Role = call.Value(role), To = call.Value(to), On = call.Value(on) }, null, cancellation);
                call.Out.WriteLine(call.Json ? answer.Text : $"{call.Value(to)} is {call.Value(role)} on {call.Value(on) ?? "organisation"}.");
            });
    }

    private static FuryCommand ListGrants(Globals globals) => new FuryCommand("list", "All grants.", "fury grant list").Lists<Grant>(
        globals, _ => Routes.Grants, _ => "No grants.", ["GRANT", "ROLE", "TO", "ON"], one => [one.Id, one.Role, one.To, one.On]);

    private static FuryCommand RemoveGrant(Globals globals)
    {
        var id = new Argument<Guid>("GRANT") { Description = "One of 'fury grant list'." };
        return new FuryCommand("remove", "Takes a grant back.", "fury grant remove 0193b000-0000-7000-8000-000000000001")
            .With(id)
            .Runs(globals, async (call, cancellation) =>
            {
                await call.Api.Delete($"{Routes.Grants}/{call.Value(id)}", cancellation);
                call.Out.WriteLine($"Grant {call.Value(id)} is taken back.");
            });
    }

    /// <summary>The token alone goes to the output, so that a script can take it; what people read goes beside it.</summary>
    private static void Show(Invocation call, Answer answer, string done)
    {
        if (call.Json)
        {
            call.Out.WriteLine(answer.Text);
            return;
        }

        var (token, secret) = answer.Read<NewToken>();
        call.Error.WriteLine($"Token {token.Name} is {done}: {token.Role} on {token.On} until {Plain.Time(token.ExpiresAt)}. It is shown this once.");
        call.Out.WriteLine(secret);
    }

    private static Argument<string> Named() => new("NAME") { Description = "The name of the token." };

    private static Option<string> Role() => new("--role")
    {
        Description = "viewer, developer, releaser, operator, administrator or one of your own.",
        HelpName = "ROLE",
        Required = true,
    };

    private static Option<string?> On() => new("--on")
    {
        Description = "organisation (the default), team:NAME, application:NAME or criticality:low|medium|high|critical.",
        HelpName = "WHERE",
    };

    private static Option<int?> Days() => new("--days") { Description = "How long it lives, 1 to 365; 90 by default.", HelpName = "N" };
}
