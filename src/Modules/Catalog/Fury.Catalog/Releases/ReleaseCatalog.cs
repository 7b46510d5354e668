using Fury.Catalog.Applications;
using Fury.Catalog.Contracts;
using Fury.Catalog.Scopes;
using Fury.Catalog.Versions;
using Fury.Kernel;

namespace Fury.Catalog.Releases;

/// <summary>The catalog's door for the other modules.</summary>
internal sealed class ReleaseCatalog(
    ApplicationStore applications, ScopeStore scopes, ScopeSets found, VersionStore versions, ReleaseStore releases, TimeProvider clock) : ICatalog
{
    public Task<Outcome<Application>> FindApplication(ApplicationName application, CancellationToken cancellation) =>
        applications.Find(application, cancellation);

    public Task<Outcome<Scope>> FindScope(ScopeRef scope, CancellationToken cancellation) => scopes.Find(scope, cancellation);

    public Task<IReadOnlyList<Scope>> Scaled(ScopeRef? after, int limit, CancellationToken cancellation) =>
        scopes.Scaled(after, limit, cancellation);

    public Task<ScopesFound> ScopesIn(IReadOnlyList<ScopeSet> sets, CancellationToken cancellation) => found.Find(sets, cancellation);

    public async Task<Outcome<Release>> Freeze(ScopeRef scope, VersionName version, CancellationToken cancellation)
    {
        // Versions never change, so reading the two one after the other is as good as reading them at once.
        var settings = await scopes.Find(scope, cancellation);
        var artifact = await settings.Then(_ => versions.Find(scope.Application, version, cancellation));
        var content = artifact.Then<ReleaseContent>(found => ReleaseContent.Of(settings.Value, found));
        return await content.Then(frozen => releases.Keep(frozen, clock.GetUtcNow(), cancellation));
    }

    public Task<Outcome<Release>> FindRelease(ReleaseId release, CancellationToken cancellation) => releases.Find(release, cancellation);
}
