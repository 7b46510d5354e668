using System.Text.Json.Serialization;
using Fury.Access.Deciding;
using Fury.Kernel;

namespace Fury.Access.Grants;

/// <param name="Role">Its name.</param>
/// <param name="To"><c>user:ann</c>, <c>group:payments</c>, <c>token:ci</c>, or <c>owners</c>: whoever is in the group of the owning team.</param>
/// <param name="On"><c>organisation</c> (when absent), <c>team:payments</c>, <c>application:shop</c> or <c>criticality:low</c>.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record GrantRequest(string? Role, string? To, string? On = null)
{
    public Outcome<Grant> Read(Guid id)
    {
        var check = new Validation();
        check.Require(ApplicationName.TryParse(Role, out _), Role, "the name of a role");
        var to = AccessWords.Subject(check, To, "to");
        var level = AccessWords.Level(check, On, "on");
        check.Require(to?.Kind != SubjectKind.Owners || level == Level.Organisation, On, "organisation where it is for owners", "on");
        return check.Fault is { } fault ? fault : new Grant(id, Role!, to!, level!);
    }
}

/// <summary>A grant as <see cref="GrantRequest"/> says it.</summary>
internal sealed record GrantView(Guid Id, string Role, string To, string On)
{
    public static GrantView Of(Grant grant) => new(grant.Id, grant.Role, $"{grant.Subject}", $"{grant.Level}");
}

/// <summary>Reads <c>kind:name</c>.</summary>
internal static class AccessWords
{
    private const int NameLengthMax = 200;

    public static Subject? Subject(Validation check, string? text, string field)
    {
        var (word, name) = Split(text);
        var kind = Word.Find<SubjectKind>(word);
        var isRight = kind == SubjectKind.Owners ? name is null : kind is not null && IsName(name);
        check.Require(isRight, text, "user:NAME, group:NAME, token:NAME or owners", field);
        return isRight ? new(kind!.Value, name ?? "") : null;
    }

    public static Level? Level(Validation check, string? text, string field)
    {
        var (word, name) = Split(text ?? "organisation");
        var level = (Word.Find<LevelKind>(word), name) switch
        {
            (LevelKind.Organisation, null) => Deciding.Level.Organisation,
            (LevelKind.Team, { } team) when IsName(team) => new Level(LevelKind.Team, team),
            (LevelKind.Application, { } application) when ApplicationName.TryParse(application, out _) => new(LevelKind.Application, application),
            (LevelKind.Criticality, { } criticality) when Word.Find<Criticality>(criticality) is not null => new(LevelKind.Criticality, criticality),
            _ => null,
        };
        check.Require(
            level is not null, text, $"organisation, team:NAME, application:NAME or criticality:{string.Join('|', Word.All<Criticality>())}", field);
        return level;
    }

    private static bool IsName(string? name) =>
        name is { Length: >= 1 and <= NameLengthMax } && !string.IsNullOrWhiteSpace(name) && !name.Any(char.IsControl);

    private static (string Word, string? Name) Split(string? text) =>
        text?.IndexOf(':') is { } at and >= 0 ? (text[..at], text[(at + 1)..]) : (text ?? "", null);
}
