using System.Collections.Concurrent;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Sidecar.Forwarding;
using Yarp.ReverseProxy.Forwarder;

namespace Fury.Sidecar.Routing;

/// <summary>
/// An endpoint and what this sidecar knows of it. It lives as long as some model names it; its numbers outlive a swap of models.
/// </summary>
internal sealed class EndpointSlot(Endpoint endpoint, PlaceSlot? place = null)
{
    private int _inFlight;
    private long _setAsideUntil;
    private long _ejectedUntil;
    private int _errorsInRow;

    public Endpoint Endpoint { get; } = endpoint;

    /// <summary>Null while nobody asks for replicas one by one.</summary>
    public ReplicaSlot? Replica { get; set; }

    /// <summary>Shared with the other endpoints of the pool there.</summary>
    public PlaceSlot Place { get; } = place ?? new(endpoint.Place);

    /// <summary>What YARP puts before the path: <c>http://127.4.0.7:8080</c>.</summary>
    public string Prefix { get; } = new UriBuilder("http", endpoint.Address, endpoint.Port).Uri.GetLeftPart(UriPartial.Authority);

    public int InFlight => Volatile.Read(ref _inFlight);

    public void Begin() => Interlocked.Increment(ref _inFlight);

    public void End() => Interlocked.Decrement(ref _inFlight);

    /// <summary>Not to be chosen before <paramref name="timestamp"/> of the clock while the pool has another.</summary>
    public void SetAside(long timestamp) => Volatile.Write(ref _setAsideUntil, timestamp);

    /// <summary>Set aside or ejected.</summary>
    public bool IsSetAside(long now) => now < Volatile.Read(ref _setAsideUntil) || IsEjected(now);

    /// <summary>For <see cref="Rendezvous"/>.</summary>
    public ulong Hash { get; } = Rendezvous.Hash($"{endpoint.Address}:{endpoint.Port}");

    /// <summary>Left out by <see cref="Outliers"/>, which alone writes this and what belongs to it.</summary>
    public bool IsEjected(long now) => now < EjectedUntil;

    public long EjectedUntil
    {
        get => Volatile.Read(ref _ejectedUntil);
        set => Volatile.Write(ref _ejectedUntil, value);
    }

    /// <summary>How often it was ejected, for how long it is the next time.</summary>
    public int Ejections { get; set; }

    public int ErrorsInRow
    {
        get => Volatile.Read(ref _errorsInRow);
        set => Volatile.Write(ref _errorsInRow, value);
    }
}

/// <summary>What a pool's attempts have met at one place.</summary>
internal sealed class PlaceSlot(Place place)
{
    private long _reached;
    private long _notReached;

    public void Count(Ending ending)
    {
        if (ending == Ending.Answered)
        {
            Interlocked.Increment(ref _reached);
        }
        else if (ending == Ending.NotSent)
        {
            Interlocked.Increment(ref _notReached);
        }
    }

    public PlaceTraffic Read() => new(place, Interlocked.Read(ref _reached), Interlocked.Read(ref _notReached));
}

/// <summary>A pool's counters since this sidecar started, kept without locks.</summary>
internal sealed class PoolSlot(PoolId id, HttpTransformer transformer)
{
    /// <summary>That are counted one by one; beyond it those that have gone are forgotten, and the rest is left out.</summary>
    public const int ReplicasMax = 200;

    private readonly long[] _latencyCounts = new long[LatencyBuckets.Count];
    private int _inFlight;
    private int _retries;
    private long _begun;
    private long _answers;
    private long _errors;
    private long _failures;
    private int _waiting;

    public PoolId Id { get; } = id;

    /// <summary>Shapes requests to and answers from this pool; one for the pool, so that none is made for a request.</summary>
    public HttpTransformer Transformer { get; } = transformer;

    /// <summary>Held while an endpoint's fate is decided, so that two do not go where one may.</summary>
    public Lock Judging { get; } = new();

    /// <summary>By endpoint; touched by the route follower alone.</summary>
    public Dictionary<Endpoint, EndpointSlot> Endpoints { get; } = [];

    /// <summary>Those that the pool has been at, as far as they are known; few. Added to by the route follower alone.</summary>
    public ConcurrentDictionary<Place, PlaceSlot> Places { get; } = new();

    /// <summary>
    /// Those that are counted one by one, with those that have gone while they were; none while the scope is not split. Replaced whole, by the route
    /// follower alone.
    /// </summary>
    public ReplicaSlot[] Replicas { get; private set; } = [];

    /// <summary>Begins, goes on or ends to count replicas one by one.</summary>
    public void CountReplicas(IReadOnlyList<EndpointSlot> endpoints, bool isSplit)
    {
        if (!isSplit && Replicas.Length == 0)
        {
            return;
        }

        var known = Replicas.ToDictionary(replica => replica.Endpoint);
        foreach (var (index, endpoint) in endpoints.Index())
        {
            endpoint.Replica = isSplit && index < ReplicasMax ? known.GetValueOrDefault(endpoint.Endpoint) ?? new(endpoint.Endpoint) : null;
        }

        var counted = endpoints.Select(endpoint => endpoint.Replica).OfType<ReplicaSlot>().Distinct().ToList();
        Replicas = isSplit ? [.. counted, .. Replicas.Except(counted).Take(ReplicasMax - counted.Count)] : [];
    }

    public EndpointSlot SlotOf(Endpoint endpoint) => new(endpoint, Places.GetOrAdd(endpoint.Place, at => new PlaceSlot(at)));

    /// <summary>
    /// When the pool left the routes, as a timestamp of the clock; null while it is in them. Touched by the route follower alone.
    /// </summary>
    public long? LeftAt { get; set; }

    public int InFlight => Volatile.Read(ref _inFlight);

    public void Begin() => Interlocked.Increment(ref _inFlight);

    public void End() => Interlocked.Decrement(ref _inFlight);

    /// <summary>Retries under way, this one included.</summary>
    public int BeginRetry() => Interlocked.Increment(ref _retries);

    public void EndRetry() => Interlocked.Decrement(ref _retries);

    /// <summary>Requests that wait for the pool to have an endpoint, this one included.</summary>
    public int BeginWait() => Interlocked.Increment(ref _waiting);

    public void EndWait() => Interlocked.Decrement(ref _waiting);

    /// <summary>
    /// Counts an attempt that is certain to be made. After <see cref="Begin"/>, so that one that is not counted here yet is in flight.
    /// </summary>
    public void Begun() => Interlocked.Increment(ref _begun);

    /// <summary>
    /// Counts a request that has ended, in exactly one of three numbers, so that they add up whenever they are read. Call it before
    /// <see cref="End"/>, so that a request is never in neither number.
    /// </summary>
    public void Count(Ending ending, bool isError, TimeSpan? latency)
    {
        if (latency is { } taken)
        {
            Interlocked.Increment(ref _latencyCounts[LatencyBuckets.IndexOf(taken.TotalMilliseconds)]);
        }

        Interlocked.Increment(ref Endings.IsFailure(ending) ? ref _failures : ref (isError ? ref _errors : ref _answers));
    }

    public PoolTraffic Read()
    {
        // In flight is read first: a request that ends in between is then in both numbers, never in neither.
        var inFlight = InFlight;
        var counts = new long[_latencyCounts.Length];
        for (var bucket = 0; bucket < counts.Length; bucket++)
        {
            counts[bucket] = Interlocked.Read(ref _latencyCounts[bucket]);
        }

        var (errors, failures) = (Interlocked.Read(ref _errors), Interlocked.Read(ref _failures));
        var requests = Interlocked.Read(ref _answers) + errors + failures;
        return new(Id, requests, errors, failures, inFlight, counts)
        {
            Begun = Interlocked.Read(ref _begun),
            Waiting = Volatile.Read(ref _waiting),
            Replicas = Array.ConvertAll(Replicas, replica => replica.Read()),
            Places = [.. from place in Places where place.Key != Place.Unknown select place.Value.Read()],
        };
    }

    /// <summary>Whether anything differs from what was read before, without building a new reading.</summary>
    public bool HasMoved(PoolTraffic? since) =>
        InFlight != (since?.InFlight ?? 0)
        || (Replicas.Length == 0 && since?.Replicas.Count > 0)
        || Volatile.Read(ref _waiting) != (since?.Waiting ?? 0)
        || Interlocked.Read(ref _begun) != (since?.Begun ?? 0)
        || Interlocked.Read(ref _answers) + Interlocked.Read(ref _errors) + Interlocked.Read(ref _failures) != (since?.Requests ?? 0);
}

internal static class LatencyBuckets
{
    private static readonly double[] Bounds = [.. Latency.BucketBounds];

    public static int Count => Bounds.Length + 1;

    /// <summary>The first bucket whose bound is not below <paramref name="milliseconds"/>; the last one has no bound.</summary>
    public static int IndexOf(double milliseconds)
    {
        var found = Array.BinarySearch(Bounds, milliseconds);
        return found >= 0 ? found : ~found;
    }
}

/// <summary>
/// All pools that this sidecar counts for: those in the routes, and those that left less than <see cref="KeptAfterLeaving"/> ago.
/// </summary>
internal sealed class PoolSlots(PoolTransformers transformers)
{
    /// <summary>How long counters outlive the pool's last route, so that a pool that comes back goes on counting.</summary>
    public static readonly TimeSpan KeptAfterLeaving = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<PoolId, PoolSlot> _slots = new();

    public ICollection<PoolSlot> All => _slots.Values;

    public PoolSlot Of(PoolId pool) => _slots.GetOrAdd(pool, id => new PoolSlot(id, transformers.For(id)));

    public void Forget(PoolId pool) => _slots.TryRemove(pool, out _);
}
