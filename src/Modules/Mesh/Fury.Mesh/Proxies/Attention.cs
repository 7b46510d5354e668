namespace Fury.Mesh.Proxies;

/// <summary>
/// The scopes whose routes have changed lately: for these a host tells the others who of its proxies is behind. A scope is looked at until all of its
/// proxies route by what there is and have reported since, and for a while longer.
/// </summary>
internal sealed class Attention(Standings standings, TimeProvider clock)
{
    /// <summary>What is told of at most; beyond it the rest of a scope is told of as one.</summary>
    public const int NotesMax = 1000;

    /// <summary>Deployments take their steps within minutes of each other.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _scopes = new(StringComparer.Ordinal);

    public void Raise(IEnumerable<string> scopes)
    {
        lock (_gate)
        {
            foreach (var scope in scopes)
            {
                _scopes[scope] = clock.GetTimestamp();
            }
        }
    }

    /// <summary>Who is behind with any of them, now.</summary>
    public IReadOnlyList<BehindNote> Look()
    {
        List<string> scopes;
        lock (_gate)
        {
            scopes = [.. _scopes.Keys];
        }

        List<BehindNote> notes = [];
        foreach (var scope in scopes)
        {
            var count = notes.Count;
            notes.AddRange(standings.Behind(scope));
            lock (_gate)
            {
                if (notes.Count == count && _scopes.TryGetValue(scope, out var raised) && clock.GetElapsedTime(raised) > KeptFor)
                {
                    _scopes.Remove(scope);
                }
            }
        }

        return notes.Count <= NotesMax ? notes : [.. notes.Take(NotesMax), .. Rest(notes)];
    }

    private static IEnumerable<BehindNote> Rest(List<BehindNote> notes) =>
        from note in notes.Skip(NotesMax)
        group note by note.Scope into rest
        let first = rest.First().Proxy
        select new BehindNote(rest.Key, first with { Proxy = $"{rest.Count()} more" }, null);
}
