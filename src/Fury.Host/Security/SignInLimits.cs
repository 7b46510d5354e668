using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;

namespace Fury.Host;

/// <summary>
/// How often one source may show what opens nothing; each time costs the database a question. What has opened before goes on opening, whatever else comes
/// from there.
/// </summary>
internal sealed class SignInLimits : IDisposable
{
    /// <summary>Failures of one source, in the long run.</summary>
    public const int PerSecond = 10;

    /// <summary>Failures of one source at once, after a rest.</summary>
    public const int Burst = 100;

    /// <summary>What has opened; beyond so many all are forgotten, and have to open once more at a moment when their source may try.</summary>
    private const int KnownMax = 10_000;

    private readonly ConcurrentDictionary<string, bool> _known = [];

    private readonly PartitionedRateLimiter<string> _failures = PartitionedRateLimiter.Create<string, string>(source =>
        RateLimitPartition.GetTokenBucketLimiter(source, _ => new()
        {
            TokenLimit = Burst,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1.0 / PerSecond),
            QueueLimit = 0,
            AutoReplenishment = false,
        }));

    /// <summary>Whether it may be looked up.</summary>
    /// <param name="shown">A token, or the secret of a session.</param>
    public bool Allows(IPAddress? from, string shown) =>
        _failures.GetStatistics(Addresses.SourceOf(from))?.CurrentAvailablePermits != 0 || _known.ContainsKey(HashOf(shown));

    public void Opened(string shown)
    {
        if (_known.Count >= KnownMax)
        {
            _known.Clear();
        }

        _known[HashOf(shown)] = true;
    }

    public void Failed(IPAddress? from, string shown)
    {
        _known.TryRemove(HashOf(shown), out _);
        _failures.AttemptAcquire(Addresses.SourceOf(from)).Dispose();
    }

    public void Dispose() => _failures.Dispose();

    private static string HashOf(string shown) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(shown)));
}
