using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace Fury.Mesh.Xds;

/// <summary>How many streams there may be, and how fast new ones may come. Whoever is sent away is told so, and comes again with backoff.</summary>
internal sealed class Admission(IOptions<XdsOptions> options) : IDisposable
{
    private readonly ConcurrencyLimiter _streams = new(new() { PermitLimit = options.Value.StreamsMax, QueueLimit = 0 });

    private readonly TokenBucketRateLimiter _rate = new(Rate(options.Value.StreamsPerSecond));

    /// <summary>Null when there is no room now; dispose it when the stream has ended.</summary>
    public RateLimitLease? TryEnter(out string why)
    {
        using var rate = _rate.AttemptAcquire();
        why = $"More than {options.Value.StreamsPerSecond} streams in a second are not taken here; come again.";
        if (!rate.IsAcquired)
        {
            return null;
        }

        var lease = _streams.AttemptAcquire();
        why = $"{options.Value.StreamsMax} streams are open here; go to another host.";
        if (lease.IsAcquired)
        {
            return lease;
        }

        lease.Dispose();
        return null;
    }

    /// <summary>
    /// A second's worth may come at once; after it ten times a second some more may, or one at a time where a second's worth is less than ten.
    /// </summary>
    private static TokenBucketRateLimiterOptions Rate(int perSecond)
    {
        var tokens = Math.Max(1, perSecond / 10);
        var period = TimeSpan.FromSeconds((double)tokens / perSecond);
        return new() { TokenLimit = perSecond, TokensPerPeriod = tokens, ReplenishmentPeriod = period, QueueLimit = 0 };
    }

    public void Dispose()
    {
        _streams.Dispose();
        _rate.Dispose();
    }
}
