using Fury.Kernel;

namespace Fury.Access.Contracts;

/// <summary>How a caller has shown who it is.</summary>
public enum CallerKind
{
    /// <summary>It shares the host's machine, and the host asks nobody on it: the local administrator.</summary>
    Local,

    /// <summary>It has the token of the setting <c>Fury:Auth:Token</c>: the administrator who sets everything up.</summary>
    Bootstrap,

    /// <summary>It has an API token.</summary>
    Token,

    /// <summary>A person, by OpenID Connect.</summary>
    User,
}

/// <summary>Who asks.</summary>
/// <param name="Name">Of the person or of the token; unique among those of its kind.</param>
public sealed record Caller(string Name, CallerKind Kind)
{
    public static readonly Caller Local = new("local", CallerKind.Local);

    public static readonly Caller Bootstrap = new("token", CallerKind.Bootstrap);

    /// <summary>The groups that the provider says a person is in; a team is a group of the same name.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>For a token: whose it is. It may do nothing that its owner may not do.</summary>
    public Caller? Owner { get; init; }

    /// <summary>What else tells it apart in the audit trail: the session of a person, the id of a token.</summary>
    public string? Credential { get; init; }
}

/// <summary>What something is to be done to: a scope, an application, or (both null) the organisation, which is everything.</summary>
public sealed record Target(ApplicationName? Application, ScopeName? Scope)
{
    public static readonly Target Organisation = new(null, null);
}

/// <param name="Why">One sentence: what allows it, or what is missing.</param>
public sealed record Decision(bool Allowed, string Why);

/// <summary>What a list may show: everything, or what one of these names.</summary>
public sealed record Reach(
    bool All, IReadOnlyList<string> Teams, IReadOnlyList<ApplicationName> Applications, IReadOnlyList<Criticality> Criticalities);

/// <summary>What a list may show, by name.</summary>
/// <param name="All">Everything; the others are empty then.</param>
/// <param name="Applications">All that belongs to one of these.</param>
/// <param name="Scopes">Single scopes of other applications.</param>
public sealed record Sight(bool All, IReadOnlyList<ApplicationName> Applications, IReadOnlyList<ScopeRef> Scopes)
{
    public static readonly Sight Everything = new(true, [], []);
}
