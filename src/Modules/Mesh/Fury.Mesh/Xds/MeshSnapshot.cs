using System.Collections.Immutable;

namespace Fury.Mesh.Xds;

/// <summary>All scopes of one revision, by their keys (<see cref="XdsNames"/>), and what each scope depends on. Never edited.</summary>
internal sealed record MeshSnapshot(
    long Revision, ImmutableDictionary<string, ScopeEntry> Scopes, ImmutableDictionary<string, ImmutableHashSet<string>> Dependencies)
{
    /// <summary>Nothing is loaded, so nobody is answered.</summary>
    public static MeshSnapshot None { get; } = new(
        -1,
        ImmutableDictionary.Create<string, ScopeEntry>(StringComparer.Ordinal),
        ImmutableDictionary.Create<string, ImmutableHashSet<string>>(StringComparer.Ordinal));

    public ImmutableHashSet<string> DependenciesOf(string caller) => Dependencies.GetValueOrDefault(caller) ?? [];
}
