using Fury.Kernel;

namespace Fury.Catalog.Contracts;

/// <summary>What other modules ask of the catalog.</summary>
public interface ICatalog
{
    Task<Outcome<Application>> FindApplication(ApplicationName application, CancellationToken cancellation);

    /// <summary>The scope; <see cref="FaultKind.NotFound"/> names what is missing, the application or the scope.</summary>
    Task<Outcome<Scope>> FindScope(ScopeRef scope, CancellationToken cancellation);

    /// <summary>Scopes with a <see cref="Scope.Scaling"/> in the order of their names, those after <paramref name="after"/>; null for the first.</summary>
    Task<IReadOnlyList<Scope>> Scaled(ScopeRef? after, int limit, CancellationToken cancellation);

    /// <summary>The scopes that are in every one of these sets, of which there are one or two.</summary>
    Task<ScopesFound> ScopesIn(IReadOnlyList<ScopeSet> sets, CancellationToken cancellation);

    /// <summary>
    /// Freezes version and scope, as they are now, into a release. The same content returns the release that exists, also when many ask at
    /// once. <see cref="FaultKind.NotFound"/> names what does not exist: the application, the scope or the version.
    /// </summary>
    Task<Outcome<Release>> Freeze(ScopeRef scope, VersionName version, CancellationToken cancellation);

    Task<Outcome<Release>> FindRelease(ReleaseId release, CancellationToken cancellation);
}
