namespace Fury.LocalCluster;

/// <summary>
/// What goes wrong on purpose, for tests of those who must live with it. Shares are 0 to 1, drawn from a seeded chance, so that a run can be repeated.
/// Everything may be changed at any time.
/// </summary>
public sealed class Faults : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Random _chance;
    private readonly List<Planned> _planned = [];
    private readonly Dictionary<int, long> _answers = [];
    private CancellationTokenSource _cut = new();

    internal Faults(int seed) => _chance = new(seed);

    /// <summary>Share of requests that are answered with <c>429</c> and <see cref="RetryAfterSeconds"/>.</summary>
    public double TooManyRequestsShare { get; set; }

    public int RetryAfterSeconds { get; set; } = 1;

    /// <summary>Share of requests that are answered with <c>500</c> or <c>503</c>, before anything is done.</summary>
    public double ServerErrorShare { get; set; }

    /// <summary>Share of requests that are carried out, and whose answer is lost all the same: the connection is cut.</summary>
    public double LostAnswerShare { get; set; }

    /// <summary>Share of updates and patches that are answered with <c>409</c>.</summary>
    public double ConflictShare { get; set; }

    /// <summary>Share of watches, and of parts of lists behind the first one, that are answered with <c>410</c>.</summary>
    public double GoneShare { get; set; }

    /// <summary>Every request waits for so long before it is looked at.</summary>
    public TimeSpan Latency { get; set; }

    /// <summary>Requests so far, by the code of their answer; watches count when they end.</summary>
    public IReadOnlyDictionary<int, long> Answers
    {
        get
        {
            lock (_lock)
            {
                return new Dictionary<int, long>(_answers);
            }
        }
    }

    internal CancellationToken WatchesCut
    {
        get
        {
            lock (_lock)
            {
                return _cut.Token;
            }
        }
    }

    /// <summary>Answers the next requests that match with this code, and carries none of them out.</summary>
    /// <param name="verb">Null for any: <c>get list watch create update patch delete deletecollection</c>.</param>
    /// <param name="resource">Plural of the kind, or <c>pods.metrics.k8s.io</c>; null for any.</param>
    public void FailNext(int code, int count = 1, string? verb = null, string? resource = null)
    {
        lock (_lock)
        {
            _planned.Add(new(code, verb, resource) { Left = count });
        }
    }

    /// <summary>Cuts every watch that is open now.</summary>
    public void CutWatches()
    {
        CancellationTokenSource cut;
        lock (_lock)
        {
            (cut, _cut) = (_cut, new());
        }

        cut.Cancel();
        cut.Dispose();
    }

    public void Dispose() => _cut.Dispose();

    /// <summary>Ends all of it.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _planned.Clear();
            (TooManyRequestsShare, ServerErrorShare, LostAnswerShare, ConflictShare, GoneShare, Latency) = (0, 0, 0, 0, 0, TimeSpan.Zero);
        }
    }

    /// <summary>Why this request is refused; null to go on with it.</summary>
    internal Refusal? Draw(Call call)
    {
        lock (_lock)
        {
            if (_planned.Find(planned => planned.Covers(call)) is { } hit)
            {
                if (--hit.Left == 0)
                {
                    _planned.Remove(hit);
                }

                return Of(call, hit.Code);
            }

            return Hits(TooManyRequestsShare) ? Of(call, 429)
                : Hits(ServerErrorShare) ? Of(call, _chance.Next(2) == 0 ? 500 : 503)
                : call.Verb is "update" or "patch" && Hits(ConflictShare) ? Of(call, 409)
                : (call.Verb == "watch" || call.Query("continue") is not null) && Hits(GoneShare) ? Of(call, 410)
                : null;
        }
    }

    internal bool LosesAnswer()
    {
        lock (_lock)
        {
            return Hits(LostAnswerShare);
        }
    }

    internal void Count(int code)
    {
        lock (_lock)
        {
            _answers[code] = _answers.GetValueOrDefault(code) + 1;
        }
    }

    private bool Hits(double share) => share > 0 && _chance.NextDouble() < share;

    private Refusal Of(Call call, int code) => code switch
    {
        409 => Refusal.Stale(call.Kind, call.Name ?? ""),
        410 => Refusal.Expired("too old resource version: the history of this cluster was forgotten"),
        429 => Refusal.TooManyRequests("too many requests, please try again later", RetryAfterSeconds),
        _ => Refusal.ServerError(code, "the request was failed on purpose"),
    };

    private sealed record Planned(int Code, string? Verb, string? Resource)
    {
        public int Left { get; set; }

        public bool Covers(Call call) => (Verb is null || Verb == call.Verb) && (Resource is null || Resource == call.Kind.Ruled);
    }
}
