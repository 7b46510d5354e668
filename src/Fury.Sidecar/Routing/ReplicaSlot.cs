namespace Fury.Sidecar.Routing;

/// <summary>What a replica's attempts have met since its scope was split. While it is not, nobody asks, and there is none.</summary>
internal sealed class ReplicaSlot(Endpoint endpoint)
{
    private readonly long[] _latencyCounts = new long[LatencyBuckets.Count];
    private long _begun;
    private long _good;
    private long _errors;

    public Endpoint Endpoint => endpoint;

    public void Begin() => Interlocked.Increment(ref _begun);

    /// <summary>
    /// An attempt that was counted by <see cref="Begin"/> has ended. Call it before the pool's own, so that whoever sees that one sees this too.
    /// </summary>
    /// <param name="isError">Answered with a 5xx, or not at all.</param>
    /// <param name="latency">Null where it says nothing.</param>
    public void End(bool isError, TimeSpan? latency)
    {
        if (latency is { } taken)
        {
            Interlocked.Increment(ref _latencyCounts[LatencyBuckets.IndexOf(taken.TotalMilliseconds)]);
        }

        Interlocked.Increment(ref isError ? ref _errors : ref _good);
    }

    public ReplicaTraffic Read()
    {
        var counts = new long[_latencyCounts.Length];
        for (var bucket = 0; bucket < counts.Length; bucket++)
        {
            counts[bucket] = Interlocked.Read(ref _latencyCounts[bucket]);
        }

        // What has begun is read last: it is never less than what has ended.
        var errors = Interlocked.Read(ref _errors);
        var requests = Interlocked.Read(ref _good) + errors;
        return new(endpoint, Interlocked.Read(ref _begun), requests, errors, counts);
    }
}
