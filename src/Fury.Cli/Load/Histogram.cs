using System.Numerics;

namespace Fury.Cli.Load;

/// <summary>Counts of latencies in buckets that grow with the value, so that any percentile is known to 2 percent of itself.</summary>
internal sealed class Histogram
{
    private const int StepsPerDoublingLog = 6;
    private const int StepsPerDoubling = 1 << StepsPerDoublingLog;
    private readonly long[] _counts = new long[(64 - StepsPerDoublingLog) * StepsPerDoubling];

    public long Count { get; private set; }

    public TimeSpan Max { get; private set; }

    public void Add(TimeSpan latency)
    {
        latency = latency < TimeSpan.Zero ? TimeSpan.Zero : latency;
        Count++;
        Max = latency > Max ? latency : Max;
        _counts[Bucket((ulong)latency.TotalMicroseconds)]++;
    }

    /// <summary>The latency that <paramref name="share"/> (0 to 1) of the requests did not exceed; zero when there were none.</summary>
    public TimeSpan Percentile(double share)
    {
        var wanted = (long)Math.Ceiling(Count * share);
        var seen = 0L;
        for (var bucket = 0; bucket < _counts.Length; bucket++)
        {
            seen += _counts[bucket];
            if (seen >= wanted && seen > 0)
            {
                var top = TimeSpan.FromMicroseconds(Top(bucket));
                return top < Max ? top : Max;
            }
        }

        return TimeSpan.Zero;
    }

    public Histogram Copy()
    {
        var copy = new Histogram { Count = Count, Max = Max };
        _counts.CopyTo(copy._counts, 0);
        return copy;
    }

    // Values below StepsPerDoubling have a bucket each; above, each doubling has as many buckets as steps.
    private static int Bucket(ulong value)
    {
        var shift = Math.Max(0, BitOperations.Log2(value | 1) - StepsPerDoublingLog);
        return (shift * StepsPerDoubling) + (int)(value >> shift);
    }

    private static double Top(int bucket)
    {
        var shift = Math.Max(0, (bucket / StepsPerDoubling) - 1);
        return (((long)bucket - (shift * StepsPerDoubling)) << shift) + ((1L << shift) - 1);
    }
}
