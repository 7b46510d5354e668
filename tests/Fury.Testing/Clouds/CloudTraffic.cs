using System.Collections.Concurrent;

namespace Fury.Testing;

/// <summary>A token bucket as clouds publish theirs: full at first.</summary>
/// <param name="Size">Tokens that it holds.</param>
/// <param name="PerSecond">Tokens that come back.</param>
public sealed record CloudLimit(double Size, double PerSecond)
{
    /// <summary>How soon so many tokens can have been taken from it, at the earliest. Pure.</summary>
    public TimeSpan Needs(int tokens) => TimeSpan.FromSeconds(Math.Max(0, tokens - Size) / PerSecond);
}

/// <summary>What one call takes of a bucket.</summary>
/// <param name="Bucket">By the name of its limit; one that has none takes anything.</param>
/// <param name="Place">Each place has a bucket of its own, e.g. a region; empty: there is one for all.</param>
public sealed record CloudToken(string Bucket, string Place, int Count = 1);

/// <summary>
/// How a cloud answers that has other customers too: after a while, and too many calls not at all. A strict fake that is given one refuses in its cloud's
/// own words; without one it answers at once and everything.
/// </summary>
public sealed class CloudTraffic(IReadOnlyDictionary<string, CloudLimit> limits, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Bucket, string Place), (double Tokens, long At)> _buckets = [];
    private readonly ConcurrentDictionary<string, int> _calls = new();
    private int _refused;

    public IReadOnlyDictionary<string, CloudLimit> Limits => limits;

    /// <summary>From a call that changes nothing to its answer.</summary>
    public TimeSpan ReadTakes { get; init; }

    /// <summary>From a call that changes something to its answer.</summary>
    public TimeSpan WriteTakes { get; init; }

    /// <summary>Calls that were refused as too many.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>Calls so far that took of the bucket, or would have.</summary>
    public int Calls(string bucket) => _calls.GetValueOrDefault(bucket);

    /// <summary>Takes all of the tokens, or none where one bucket has too few; whether it did. Answers after the time that a real answer takes.</summary>
    public async Task<bool> Enter(bool isWrite, IReadOnlyList<CloudToken> tokens, CancellationToken cancellation)
    {
        var isTaken = Take(tokens);
        await Task.Delay(isWrite && isTaken ? WriteTakes : ReadTakes, clock, cancellation);
        return isTaken;
    }

    private bool Take(IReadOnlyList<CloudToken> tokens)
    {
        foreach (var token in tokens)
        {
            _calls.AddOrUpdate(token.Bucket, 1, (_, before) => before + 1);
        }

        lock (_lock)
        {
            var now = clock.GetTimestamp();
            var limited = tokens.Where(token => limits.ContainsKey(token.Bucket)).ToList();
            if (limited.Any(token => Filled(token, now) < token.Count))
            {
                Interlocked.Increment(ref _refused);
                return false;
            }

            foreach (var token in limited)
            {
                _buckets[(token.Bucket, token.Place)] = (Filled(token, now) - token.Count, now);
            }

            return true;
        }
    }

    private double Filled(CloudToken token, long now) =>
        _buckets.TryGetValue((token.Bucket, token.Place), out var bucket)
            ? Math.Min(
                limits[token.Bucket].Size, bucket.Tokens + (clock.GetElapsedTime(bucket.At, now).TotalSeconds * limits[token.Bucket].PerSecond))
            : limits[token.Bucket].Size;
}
