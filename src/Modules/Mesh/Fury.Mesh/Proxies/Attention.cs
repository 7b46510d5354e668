using System.Text.Json;
using Fury.Kernel;

namespace Fury.Mesh.Proxies;

/// <summary>Who is behind with a scope, all of them: what a host told of it before does not hold any more.</summary>
/// <param name="Notes">A list of <see cref="BehindNote"/> as JSON; null when nobody is.</param>
internal sealed record ScopeNews(string Scope, string? Notes);

/// <summary>
/// The scopes whose routes have changed lately: for these a host tells the others who of its proxies is behind. A scope is looked at until all of its
/// proxies route by what there is and have reported since, and for a while longer. What has just changed is looked at before the revision is told of
/// that it changed with; the others in turn, so that a look costs the same however many they are.
/// </summary>
internal sealed class Attention(Func<string, IEnumerable<BehindNote>> behind, TimeProvider clock)
{
    /// <summary>What is told of one scope at most; beyond it the rest is told of as one.</summary>
    public const int NotesMax = 100;

    /// <summary>Scopes that have their turn at once, beside those that have changed.</summary>
    public const int TurnMax = 1000;

    public static readonly TimeSpan TurnPeriod = TimeSpan.FromMilliseconds(100);

    /// <summary>Deployments take their steps within minutes of each other.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Watched> _scopes = new(StringComparer.Ordinal);
    private readonly Queue<string> _turns = new();
    private readonly Dictionary<string, long> _news = new(StringComparer.Ordinal);
    private long? _lastTurn;

    /// <summary>Their routes change with this revision. Call it before that is in force.</summary>
    public void Raise(IEnumerable<string> scopes, long revision)
    {
        lock (_gate)
        {
            foreach (var scope in scopes)
            {
                if (_scopes.TryGetValue(scope, out var watched))
                {
                    watched.RaisedAt = clock.GetTimestamp();
                }
                else
                {
                    _scopes[scope] = new() { RaisedAt = clock.GetTimestamp() };
                    _turns.Enqueue(scope);
                }

                _news[scope] = Math.Max(revision, _news.GetValueOrDefault(scope));
            }
        }
    }

    /// <summary>Somebody new uses these scopes; those among them that are looked at are so at once.</summary>
    public void LookAgain(IEnumerable<string> scopes)
    {
        lock (_gate)
        {
            foreach (var scope in scopes.Where(_scopes.ContainsKey))
            {
                _news.TryAdd(scope, 0);
            }
        }
    }

    /// <summary>What is different from what was told before.</summary>
    /// <param name="revision">Was in force before the call. What changes with a later one is looked at again when that is.</param>
    public IReadOnlyList<ScopeNews> Look(long revision)
    {
        List<ScopeNews> news = [];
        foreach (var scope in Due(revision))
        {
            var notes = Told([.. behind(scope)]);
            lock (_gate)
            {
                var watched = _scopes[scope];
                if (watched.Told != notes || watched.IsUnsure)
                {
                    (watched.Told, watched.IsUnsure) = (notes, false);
                    news.Add(new(scope, notes));
                }
            }
        }

        return news;
    }

    /// <summary>They could not be told.</summary>
    public void GiveBack(IReadOnlyList<ScopeNews> news)
    {
        Raise(news.Select(one => one.Scope), 0);
        lock (_gate)
        {
            foreach (var one in news)
            {
                _scopes[one.Scope].IsUnsure = true;
            }
        }
    }

    private HashSet<string> Due(long revision)
    {
        lock (_gate)
        {
            HashSet<string> due = [.. _news.Keys];
            foreach (var (scope, _) in _news.Where(one => one.Value <= revision))
            {
                _news.Remove(scope);
            }

            if (_lastTurn is { } last && clock.GetElapsedTime(last) < TurnPeriod)
            {
                return due;
            }

            _lastTurn = clock.GetTimestamp();
            for (var left = Math.Min(TurnMax, _turns.Count); left > 0; left--)
            {
                var scope = _turns.Dequeue();
                if (_scopes[scope] is { Told: null, IsUnsure: false } quiet && clock.GetElapsedTime(quiet.RaisedAt) > KeptFor && !_news.ContainsKey(scope))
                {
                    _scopes.Remove(scope);
                }
                else
                {
                    _turns.Enqueue(scope);
                    due.Add(scope);
                }
            }

            return due;
        }
    }

    private static string? Told(List<BehindNote> notes) => notes switch
    {
        [] => null,
        { Count: <= NotesMax } => JsonSerializer.Serialize(notes, FuryJson.Options),
        _ => JsonSerializer.Serialize(notes.Take(NotesMax).Append(Rest([.. notes.Skip(NotesMax)])), FuryJson.Options),
    };

    /// <summary>As the one among them who holds up the most.</summary>
    private static BehindNote Rest(List<BehindNote> rest)
    {
        var worst = rest.Find(note => note.Holds(null)) ?? rest[0];
        return worst with { Proxy = worst.Proxy with { Proxy = $"{rest.Count} more" }, Pools = null };
    }

    private sealed class Watched
    {
        public required long RaisedAt { get; set; }

        /// <summary>As it is on record; null for nobody.</summary>
        public string? Told { get; set; }

        /// <summary>What is on record may be something else.</summary>
        public bool IsUnsure { get; set; }
    }
}
