using Fury.Catalog.Contracts;
using Fury.Compute.Contracts;
using Fury.Kernel;

namespace Fury.Deployments.Gates;

/// <summary>What a rule may be about: a scope, whose it is, how much it matters, and where it runs.</summary>
/// <param name="Team">The owning team of its application.</param>
/// <param name="Criticality">The scope's own.</param>
/// <param name="Locations">All that a deployment touches; while none is known, rules for a provider or a region are not about it.</param>
internal sealed record Subject(ScopeRef Scope, string Team, Criticality Criticality, IReadOnlyList<Location> Locations);

/// <summary>Reads subjects from the catalog.</summary>
internal sealed class Subjects(ICatalog catalog)
{
    /// <summary><see cref="FaultKind.NotFound"/> names what is missing, the application or the scope.</summary>
    public async Task<Outcome<Subject>> Of(ScopeRef scope, IReadOnlyList<Location> locations, CancellationToken cancellation)
    {
        var settings = await catalog.FindScope(scope, cancellation);
        var application = await settings.Then(_ => catalog.FindApplication(scope.Application, cancellation));
        return application.Then<Subject>(found => new Subject(scope, found.Team, settings.Value.Criticality, locations));
    }
}
