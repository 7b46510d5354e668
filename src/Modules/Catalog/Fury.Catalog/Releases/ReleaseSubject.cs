using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Catalog.Releases;

/// <summary>Whoever may see a scope may see its releases.</summary>
internal sealed class ReleaseSubject(ReleaseStore store) : IRouteSubject
{
    public string Parameter => "release";

    public string Noun => "release";

    public async Task<ScopeRef?> Of(string id, CancellationToken cancellation) =>
        ReleaseId.TryParse(id, out var release) && await store.Find(release, cancellation) is { IsOk: true } found ? found.Value.Scope : null;
}
