using Fury.Kernel;

namespace Fury.Catalog.Contracts;

/// <summary>What other modules ask of the catalog.</summary>
public interface ICatalog
{
    /// <summary>The scope; <see cref="FaultKind.NotFound"/> names what is missing, the application or the scope.</summary>
    Task<Outcome<Scope>> FindScope(ScopeRef scope, CancellationToken cancellation);

    /// <summary>
    /// Freezes version and scope, as they are now, into a release. The same content returns the release that exists.
    /// <see cref="FaultKind.NotFound"/> when the scope or the version does not exist.
    /// </summary>
    Task<Outcome<Release>> Freeze(ScopeRef scope, VersionName version, CancellationToken cancellation);

    Task<Outcome<Release>> FindRelease(ReleaseId release, CancellationToken cancellation);

    /// <summary>Every scope there is, in the order of its name; for the mesh, which gives each its host names.</summary>
    IAsyncEnumerable<ScopeRef> Scopes(CancellationToken cancellation);
}

/// <summary>A scope was created or its settings were changed.</summary>
public sealed record ScopeChanged(ScopeRef Scope, long Revision) : IEvent
{
    public string Key => Scope.ToString();
}
