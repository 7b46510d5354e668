namespace Fury.Mesh.Xds;

/// <summary>A scope at one revision. Rendered in each dialect that anyone speaks, once; what has not changed is the earlier object.</summary>
internal sealed class ScopeEntry
{
    private readonly RenderedScope?[] _rendered = new RenderedScope?[Dialects.Count];

    public ScopeEntry(MeshScope scope, ScopeEntry? earlier)
    {
        Scope = scope;
        for (var dialect = 0; dialect < Dialects.Count; dialect++)
        {
            if (earlier?._rendered[dialect] is { } before)
            {
                _rendered[dialect] = Rendering.Of(scope, (Dialect)dialect, before);
            }
        }
    }

    public MeshScope Scope { get; }

    public RenderedScope In(Dialect dialect) =>
        Volatile.Read(ref _rendered[(int)dialect])
        ?? Interlocked.CompareExchange(ref _rendered[(int)dialect], Rendering.Of(Scope, dialect, null), null)
        ?? _rendered[(int)dialect]!;

    /// <summary>The names of a type that came, went or are another from one to the next.</summary>
    public static IEnumerable<string> Changed(ScopeEntry? before, ScopeEntry after, XdsType type, Dialect dialect)
    {
        var (old, now) = (before?.In(dialect), after.In(dialect));
        return (old?.All(type) ?? []).Where(resource => now.Find(type, resource.Name) is null)
            .Concat(now.All(type).Where(resource => old?.Find(type, resource.Name)?.Hash != resource.Hash))
            .Select(resource => resource.Name);
    }
}
