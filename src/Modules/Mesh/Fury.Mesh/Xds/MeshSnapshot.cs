using System.Collections.Immutable;
using Fury.Xds;

namespace Fury.Mesh.Xds;

/// <summary>All scopes of one revision, by their keys (<see cref="MeshNames"/>), and what each scope depends on. Never edited.</summary>
internal sealed record MeshSnapshot(
    long Revision, ImmutableDictionary<string, ScopeEntry> Scopes, ImmutableDictionary<string, ImmutableHashSet<string>> Dependencies)
{
    /// <summary>Nothing is loaded, so nobody is answered.</summary>
    public static MeshSnapshot None { get; } = new(
        -1,
        ImmutableDictionary.Create<string, ScopeEntry>(StringComparer.Ordinal),
        ImmutableDictionary.Create<string, ImmutableHashSet<string>>(StringComparer.Ordinal));

    public Splits Splits { get; init; } = Splits.None;

    public ImmutableHashSet<string> DependenciesOf(string caller) => Dependencies.GetValueOrDefault(caller) ?? [];
}
