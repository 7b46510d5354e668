using Fury.Kernel;

namespace Fury.Catalog.Contracts;

/// <summary>Scopes by what they belong to: those of an application of one of the teams, those of one of the applications, and those of a criticality.</summary>
public sealed record ScopeSet(
    IReadOnlyList<string> Teams, IReadOnlyList<ApplicationName> Applications, IReadOnlyList<Criticality> Criticalities);

/// <param name="Applications">All of whose scopes are meant, also those that come later.</param>
/// <param name="Scopes">Single ones, of other applications.</param>
public sealed record ScopesFound(IReadOnlyList<ApplicationName> Applications, IReadOnlyList<ScopeRef> Scopes);
