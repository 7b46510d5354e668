namespace Fury.Hosting;

/// <summary>The times of every lease.</summary>
/// <param name="Ttl">How long the database keeps a lease that is not renewed.</param>
internal sealed record LeaseOptions(TimeSpan Ttl)
{
    public static LeaseOptions Default { get; } = new(TimeSpan.FromSeconds(5));

    /// <summary>By so much earlier than the database the holder takes it for lost: clocks that run unevenly, and time to stop what it does.</summary>
    public TimeSpan Margin => Ttl / 5;

    public TimeSpan RenewPeriod => Ttl / 3;

    /// <summary>After a renewal that failed, and between attempts to take one that another holds.</summary>
    public TimeSpan RetryPeriod => Ttl / 10;

    /// <summary>A renewal that takes longer has failed.</summary>
    public TimeSpan RenewDeadline => Ttl / 4;
}
