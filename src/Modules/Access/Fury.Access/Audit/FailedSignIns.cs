using System.Globalization;
using Fury.Access.Contracts;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Access.Audit;

/// <summary>
/// Failed sign-ins of this host, summed up: a row of the trail for each source and minute, however often it has tried, and one for all sources beyond the
/// first hundred. So whoever tries to get in is seen, and can fill neither the disk nor the memory.
/// </summary>
internal sealed class FailedSignIns(AuditStore store, TimeProvider clock) : IReconciler
{
    public const int SourcesMax = 100;
    public const string Elsewhere = "elsewhere";

    private const int ReasonsMax = 3;

    private readonly Lock _gate = new();
    private Dictionary<string, Tally> _tallies = [];

    public string Name => "access failed sign-ins";

    public TimeSpan Period => TimeSpan.FromMinutes(1);

    public bool OncePerPlatform => false;

    public void Note(string? from, string method, string path, string why)
    {
        var now = clock.GetUtcNow();
        lock (_gate)
        {
            var source = Place(from);
            var known = _tallies.GetValueOrDefault(source) ?? new(method, path, 0, now, now, []);
            _tallies[source] = known with
            {
                Count = known.Count + 1,
                Last = now,
                Reasons = known.Reasons.Contains(why) || known.Reasons.Count == ReasonsMax ? known.Reasons : [.. known.Reasons, why],
            };
        }
    }

    /// <summary>What cannot be written is tried again in the next pass, with what has come since.</summary>
    public async Task Pass(long fence, CancellationToken cancellation)
    {
        var taken = Take();
        for (var next = 0; next < taken.Count; next++)
        {
            try
            {
                await store.Keep(Entry(taken[next].Key, taken[next].Value), null, cancellation);
            }
            catch
            {
                GiveBack(taken[next..]);
                throw;
            }
        }
    }

    /// <summary>Where it is counted that somebody has tried from there.</summary>
    private string Place(string? from) =>
        from is { Length: > 0 } && (_tallies.ContainsKey(from) || _tallies.Count < SourcesMax) ? from : Elsewhere;

    private List<KeyValuePair<string, Tally>> Take()
    {
        lock (_gate)
        {
            var taken = _tallies.ToList();
            _tallies = [];
            return taken;
        }
    }

    private void GiveBack(List<KeyValuePair<string, Tally>> taken)
    {
        lock (_gate)
        {
            foreach (var (from, tally) in taken)
            {
                var source = Place(from);
                _tallies[source] = _tallies.GetValueOrDefault(source) is { } other
                    ? tally with
                    {
                        Count = tally.Count + other.Count,
                        First = tally.First < other.First ? tally.First : other.First,
                        Last = tally.Last > other.Last ? tally.Last : other.Last,
                    }
                    : tally;
            }
        }
    }

    private static AuditEntry Entry(string source, Tally tally) => new(
        "", "none", null, source, tally.Method, "sign-in", tally.Path, null, null, null, true, Answers.StatusOf(FaultKind.Unauthenticated),
        string.Create(CultureInfo.InvariantCulture, $"{tally.Count} times from {tally.First:HH:mm:ss} to {tally.Last:HH:mm:ss} UTC: ")
            + string.Join(" ", tally.Reasons),
        null, null);

    /// <param name="Method">Of the first one, as <paramref name="Path"/>.</param>
    /// <param name="Reasons">The first ones that differ.</param>
    private sealed record Tally(string Method, string Path, int Count, DateTimeOffset First, DateTimeOffset Last, IReadOnlyList<string> Reasons);
}
