using Fury.Access.Contracts;
using Fury.Kernel;

namespace Fury.Access.Deciding;

/// <summary>Whom a grant is for.</summary>
internal enum SubjectKind
{
    User,
    Group,
    Token,

    /// <summary>Whoever is in the group that has the name of the application's team.</summary>
    Owners,
}

/// <summary>What a grant is about.</summary>
internal enum LevelKind
{
    Organisation,
    Team,
    Application,
    Criticality,
}

/// <param name="Name">Empty for owners.</param>
internal sealed record Subject(SubjectKind Kind, string Name)
{
    public override string ToString() => Kind == SubjectKind.Owners ? "owners" : $"{Word.Of(Kind)}:{Name}";
}

/// <param name="Value">A team, an application or a criticality; empty for the organisation.</param>
internal sealed record Level(LevelKind Kind, string Value)
{
    public static readonly Level Organisation = new(LevelKind.Organisation, "");

    public bool Covers(Facts facts) => Kind switch
    {
        LevelKind.Organisation => true,
        LevelKind.Team => facts.Team == Value,
        LevelKind.Application => facts.Application?.Value == Value,
        _ => facts.Criticality is { } criticality && Word.Of(criticality) == Value,
    };

    public override string ToString() => Kind == LevelKind.Organisation ? "organisation" : $"{Word.Of(Kind)}:{Value}";
}

internal sealed record Grant(Guid Id, string Role, Subject Subject, Level Level);

/// <summary>All that a decision needs to know of its target. What is not known of it (it does not exist) is null.</summary>
/// <param name="Criticality">Of the scope; of the application where no scope is meant.</param>
internal sealed record Facts(ApplicationName? Application, ScopeName? Scope, string? Team, Criticality? Criticality)
{
    public static readonly Facts Organisation = new(null, null, null, null);

    public override string ToString() => (Application, Scope) switch
    {
        (null, _) => "the organisation",
        ({ } application, null) => application.Value,
        var (application, scope) => $"{application}/{scope}",
    };
}

/// <summary>All roles and grants, as they were at one moment.</summary>
internal sealed class Policy
{
    public static readonly Policy Empty = new([], []);

    private readonly Dictionary<string, HashSet<Permission>> _roles;
    private readonly ILookup<Subject, Grant> _grants;

    public Policy(IEnumerable<Role> roles, IEnumerable<Grant> grants)
    {
        _roles = roles.ToDictionary(role => role.Name, role => role.Permissions.ToHashSet());
        _grants = grants.ToLookup(grant => grant.Subject);
    }

    public bool Gives(string role, Permission permission) => _roles.TryGetValue(role, out var permissions) && permissions.Contains(permission);

    public IEnumerable<Permission> Of(string role) => _roles.TryGetValue(role, out var permissions) ? permissions : [];

    public IEnumerable<Grant> For(Subject subject) => _grants[subject];
}

/// <summary>A named set of permissions.</summary>
internal sealed record Role(string Name, IReadOnlyList<Permission> Permissions, bool BuiltIn)
{
    public static readonly IReadOnlyList<Role> Standard =
    [
        new("viewer", [Permission.View], true),
        new("developer",
        [
            Permission.View, Permission.CreateVersion, Permission.Deploy, Permission.Rollback, Permission.Scale, Permission.Config, Permission.Secrets,
        ], true),
        new("releaser", [Permission.View, Permission.Deploy, Permission.Rollback, Permission.Freeze, Permission.Approve], true),
        new("operator",
        [
            Permission.View, Permission.Deploy, Permission.Rollback, Permission.Scale, Permission.Config, Permission.Freeze, Permission.Approve,
            Permission.Exec, Permission.Operate,
        ], true),
        new("administrator", Enum.GetValues<Permission>(), true),
    ];
}
