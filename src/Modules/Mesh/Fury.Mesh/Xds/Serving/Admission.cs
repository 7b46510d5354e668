using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace Fury.Mesh.Xds;

/// <summary>How many streams there may be, and how fast new ones may come. Whoever is sent away is told so, and comes again with backoff.</summary>
internal sealed class Admission(IOptions<XdsOptions> options) : IDisposable
{
    /// <summary>The rate is kept over so long: a host that was just restarted takes this much of a second's worth at once.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrencyLimiter _streams = new(new() { PermitLimit = options.Value.StreamsMax, QueueLimit = 0 });

    private readonly TokenBucketRateLimiter _rate = new(new()
    {
        TokenLimit = options.Value.StreamsPerSecond,
        TokensPerPeriod = Math.Max(1, options.Value.StreamsPerSecond / 10),
        ReplenishmentPeriod = Period,
        QueueLimit = 0,
    });

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

    public void Dispose()
    {
        _streams.Dispose();
        _rate.Dispose();
    }
}
