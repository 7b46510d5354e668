using System.Numerics;
using Fury.Compute.Serverless.Clusters;

namespace Fury.Compute.Serverless.Placement;

/// <summary>One cluster that passed the filters.</summary>
/// <param name="Rank">The first of the affinities that it belongs to.</param>
internal readonly record struct Candidate(int Cluster, int Rank, float Score, Fit Fit);

/// <summary>
/// Filters and scores: the clusters that would do, the best first, and for those that would not do the reason. One instance serves one
/// planner after the other, since it keeps its buffers.
/// </summary>
internal sealed class Candidates
{
    /// <summary>Nothing new is promised on what is older; what is there stays.</summary>
    public static readonly TimeSpan StaleAfter = TimeSpan.FromMinutes(5);

    private readonly int[] _filtered = new int[Enum.GetValues<FilterReason>().Length];
    private readonly Fit?[] _fits = new Fit?[Chunk.Size];
    private readonly float[] _scores = new float[Chunk.Size];
    private readonly List<Candidate> _found = [];
    private ulong[] _warm = [];

    public IReadOnlyList<Candidate> Found => _found;

    public int Clusters { get; private set; }

    /// <summary>Those that the reasons have left out, and no zeros.</summary>
    public IReadOnlyList<FilterCount> Filtered
    {
        get
        {
            List<FilterCount> counts = [];
            for (var reason = 0; reason < _filtered.Length; reason++)
            {
                if (_filtered[reason] > 0)
                {
                    counts.Add(new((FilterReason)reason, _filtered[reason]));
                }
            }

            return counts;
        }
    }

    /// <param name="affinities">Those of an earlier one go before better ones of a later.</param>
    public void Find(Fleet fleet, PlacementRequest request, ReadOnlySpan<Affinity> affinities, Scoring scoring, DateTimeOffset now)
    {
        Array.Clear(_filtered);
        _found.Clear();
        Clusters = 0;
        _warm = Names(fleet, request.Warm);
        var allowed = new Allowed(fleet, request, affinities);
        var chunks = fleet.Chunks;
        for (var number = 0; number < chunks.Length; number++)
        {
            var chunk = chunks[number];
            Clusters += BitOperations.PopCount(chunk.Registered);
            var left = Filter(chunk, number, allowed, request, now);
            if (left != 0)
            {
                scoring.Score(chunk, _fits, _scores, now);
                Add(chunk, number, left, allowed, scoring);
            }
        }

        // The best first; of equals the one that was registered first, so that the order is the same everywhere.
        _found.Sort(static (one, other) =>
            one.Rank != other.Rank ? one.Rank.CompareTo(other.Rank)
            : one.Score != other.Score ? other.Score.CompareTo(one.Score)
            : one.Cluster.CompareTo(other.Cluster));
    }

    public bool IsWarm(int cluster) => (_warm[cluster / Chunk.Size] >> (cluster % Chunk.Size) & 1) != 0;

    /// <summary>A set of clusters as bits; names that there are not are left out.</summary>
    internal static ulong[] Names(Fleet fleet, IReadOnlyList<string> clusters)
    {
        var bits = new ulong[fleet.Chunks.Length];
        foreach (var name in clusters)
        {
            if (fleet.Words.Cluster(name) is var index and >= 0)
            {
                bits[index / Chunk.Size] |= 1UL << (index % Chunk.Size);
            }
        }

        return bits;
    }

    private ulong Filter(Chunk chunk, int number, Allowed allowed, PlacementRequest request, DateTimeOffset now)
    {
        var left = chunk.Registered;
        Keep(FilterReason.Affinity, allowed.ByAffinity(chunk, number));
        Keep(FilterReason.WorkloadType, allowed.ByWorkloadType(chunk));
        Keep(FilterReason.Criticality, allowed.ByCriticality(chunk));
        Keep(FilterReason.Taint, allowed.ByTaint(chunk));
        Keep(FilterReason.Phase, chunk.Active);
        Keep(FilterReason.Health, chunk.Healthy);
        Keep(FilterReason.Stale, Fresh(chunk, left, (now - StaleAfter).UtcTicks));
        Array.Clear(_fits);
        var (quota, room) = (0UL, 0UL);
        for (var rest = left; rest != 0; rest &= rest - 1)
        {
            var slot = BitOperations.TrailingZeroCount(rest);
            var fit = chunk.Rooms[slot].Fit(request.Size);
            _fits[slot] = fit;
            if (fit.Total == 0)
            {
                quota |= HasHoles(fit) ? 1UL << slot : 0;
                room |= HasHoles(fit) ? 0 : 1UL << slot;
            }
        }

        Keep(FilterReason.Quota, ~quota);
        Keep(FilterReason.Room, ~room);
        return left;

        void Keep(FilterReason reason, ulong pass)
        {
            _filtered[(int)reason] += BitOperations.PopCount(left & ~pass);
            left &= pass;
        }
    }

    private static ulong Fresh(Chunk chunk, ulong left, long since)
    {
        var fresh = 0UL;
        for (var rest = left; rest != 0; rest &= rest - 1)
        {
            var slot = BitOperations.TrailingZeroCount(rest);
            fresh |= chunk.ObservedAt[slot] >= since ? 1UL << slot : 0;
        }

        return fresh;
    }

    private static bool HasHoles(Fit fit)
    {
        foreach (var zone in fit.Zones)
        {
            if (zone > 0)
            {
                return true;
            }
        }

        return false;
    }

    private void Add(Chunk chunk, int number, ulong left, Allowed allowed, Scoring scoring)
    {
        for (var rest = left; rest != 0; rest &= rest - 1)
        {
            var slot = BitOperations.TrailingZeroCount(rest);
            var cluster = (number * Chunk.Size) + slot;
            var score = _scores[slot] + scoring.Own(chunk, slot, IsWarm(cluster));
            _found.Add(new(cluster, allowed.Rank(chunk, number, slot), score, _fits[slot]!));
        }
    }
}
