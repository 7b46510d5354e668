namespace Fury.Compute.Serverless.Placement;

/// <summary>
/// Which clusters for which pool: filter, score, spread, divide. Its answer follows from the fleet, the request and the moment alone. It keeps
/// its buffers between questions, so each thread that plans has one of its own. What it says is a proposal: only the applier promises.
/// </summary>
internal sealed class Planner
{
    private const int BestMax = 3;

    private readonly Candidates _candidates = new();
    private readonly Scoring _scoring = new();
    private readonly Selection _selection = new();
    private readonly Seats _seats = new();

    public Decision Plan(Fleet fleet, PlacementRequest request, DateTimeOffset now)
    {
        if (request.Overflow)
        {
            return Attempt(fleet, request, 0, request.Affinities.Count, now);
        }

        Decision? best = null;
        for (var affinity = 0; affinity < request.Affinities.Count && best is not { Pending: 0 }; affinity++)
        {
            var decision = Attempt(fleet, request, affinity, 1, now);
            best = best is null || decision.Pending < best.Pending ? decision : best;
        }

        return best ?? throw new ArgumentException("A request names at least one affinity.", nameof(request));
    }

    private Decision Attempt(Fleet fleet, PlacementRequest request, int affinity, int affinities, DateTimeOffset now)
    {
        _seats.Begin(fleet, request);
        _scoring.Of(fleet, request);
        _candidates.Find(fleet, request, [.. request.Affinities.Skip(affinity).Take(affinities)], _scoring, now);
        PendingReason? reason = null;
        if (_seats.Total > request.Replicas)
        {
            _seats.Shrink(request.Replicas);
        }
        else if (_seats.Total < request.Replicas)
        {
            _selection.Choose(fleet, request, _candidates.Found, _seats);
            _seats.Open(fleet, _selection.Chosen, _selection.Zones());
            _seats.Divide(request);
            if (_seats.Added().Count > 0 && !KeepsMinimum(request))
            {
                _seats.Undo();
                reason = PendingReason.Spread;
            }
        }

        var pending = request.Replicas - _seats.Total;
        return new(
            request.Pool,
            now,
            fleet.Version,
            request.Replicas,
            _seats.Placed(),
            _seats.Added(),
            pending,
            pending == 0 ? null : reason ?? (_candidates.Found.Count == 0 ? PendingReason.NoCluster : PendingReason.NoRoom),
            _candidates.Clusters,
            _candidates.Found.Count,
            _candidates.Filtered,
            Best(fleet, now),
            affinity + _seats.RankMax);
    }

    private bool KeepsMinimum(PlacementRequest request)
    {
        foreach (var spread in request.Spreads)
        {
            if (spread.Hard && _seats.Covered(spread.Level) < Math.Min(spread.MinGroups, request.Replicas))
            {
                return false;
            }
        }

        return true;
    }

    private List<Scored> Best(Fleet fleet, DateTimeOffset now)
    {
        List<Scored> best = [];
        // Where affinities have ranks, the first is not the best.
        foreach (var candidate in _candidates.Found.OrderByDescending(candidate => candidate.Score).ThenBy(candidate => candidate.Cluster).Take(BestMax))
        {
            var (chunk, slot) = (fleet.Chunks[candidate.Cluster / Chunk.Size], candidate.Cluster % Chunk.Size);
            var parts = _scoring.Parts(chunk, slot, candidate.Fit, _candidates.IsWarm(candidate.Cluster), now);
            best.Add(new(chunk.Clusters[slot]!.Name, candidate.Score, parts));
        }

        return best;
    }
}
