namespace Fury.Sdk.Coordination;

public readonly record struct SequenceRange(long First, long Count)
{
    public long Last => First + Count - 1;
}

/// <summary>
/// Numbers from 1 on that are given once: there may be gaps, never repeats, also across restarts, restores and switches of the provider.
/// </summary>
public abstract class SequenceService(string name) : FuryService(name)
{
    public abstract ValueTask<long> NextAsync(string sequence, CancellationToken cancellationToken = default);

    /// <summary>1 to 1,000,000 at once.</summary>
    public abstract ValueTask<SequenceRange> ReserveAsync(string sequence, int count, CancellationToken cancellationToken = default);

    /// <summary>The highest that was given; 0 before the first.</summary>
    public abstract ValueTask<long> PeekAsync(string sequence, CancellationToken cancellationToken = default);
}
