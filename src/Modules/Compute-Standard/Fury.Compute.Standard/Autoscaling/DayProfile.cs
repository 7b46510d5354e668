using System.Collections.Immutable;

namespace Fury.Compute.Standard.Autoscaling;

/// <summary>
/// What a day of a scope looks like: its need by the time of the day, in buckets of ten minutes, learned from the days before. Only the shape is used, in
/// relation to now, so that a day with twice the traffic is foreseen as well. Replaced whole; 144 numbers.
/// </summary>
/// <param name="Days">How many days each bucket has been seen; 0 says nothing.</param>
internal sealed record DayProfile(ImmutableArray<float> Needs, ImmutableArray<byte> Days)
{
    public const int Buckets = 144;

    /// <summary>What the newest day counts for.</summary>
    private const float Newest = 0.5f;

    private static readonly TimeSpan Bucket = TimeSpan.FromMinutes(10);

    /// <summary>A day is never believed to bring more than so many times what is now: then it is another day, and the trend has to tell.</summary>
    private const double RiseMax = 3;

    public static DayProfile None { get; } = new([.. new float[Buckets]], [.. new byte[Buckets]]);

    /// <summary>With the largest need of a bucket that is over.</summary>
    public DayProfile With(int bucket, double need) => new(
        Needs.SetItem(bucket, Days[bucket] == 0 ? (float)need : Needs[bucket] + (Newest * ((float)need - Needs[bucket]))),
        Days.SetItem(bucket, (byte)Math.Min(byte.MaxValue, Days[bucket] + 1)));

    public static int BucketOf(DateTimeOffset at) => (int)(at.UtcDateTime.TimeOfDay / Bucket);

    /// <summary>How many times the need of now there will be at a later time, by the days before; 1 where they do not tell.</summary>
    public double RiseUntil(DateTimeOffset now, DateTimeOffset later)
    {
        var (before, after) = (BucketOf(now), BucketOf(later));
        return Days[before] > 0 && Days[after] > 0 && Needs[before] > 0 ? Math.Min(RiseMax, Needs[after] / Needs[before]) : 1;
    }
}
