using Fury.Compute.Serverless.Clusters;

namespace Fury.Compute.Serverless.Placement;

/// <summary>One zone of one cluster, and how many replicas of the pool it has.</summary>
/// <param name="Cluster">Its number in the fleet; -1 when it is not registered any more.</param>
/// <param name="Zone">The zone's place among those of the cluster.</param>
/// <param name="Rank">Of the affinity; cells of a lower one are filled first.</param>
/// <param name="Before">How many were there already.</param>
/// <param name="More">How many more fit.</param>
internal readonly record struct Cell(
    string Name, string ZoneName, int Cluster, int Zone, int Provider, int Region, int ZoneWord, int Rank, int Before, int More)
{
    public int Group(SpreadLevel level) => level switch
    {
        SpreadLevel.Provider => Provider,
        SpreadLevel.Region => Region,
        SpreadLevel.Cluster => Cluster,
        _ => ZoneWord,
    };
}

/// <summary>The cells that take part in one division: first those that have replicas, then those of the chosen clusters, the best first.</summary>
internal sealed class Seats
{
    /// <summary>Weights above it are equal: where there is plenty of room everywhere, replicas are divided evenly.</summary>
    private const int WeightMax = PlacementRequest.ReplicasMax;

    private readonly List<Cell> _cells = [];
    private int[] _seats = [];
    private int[] _weights = [];
    private int[] _caps = [];
    private int _rankMost;

    public int Total { get; private set; }

    /// <summary>Begins with what the pool has now.</summary>
    public void Begin(Fleet fleet, PlacementRequest request)
    {
        _cells.Clear();
        Total = 0;
        foreach (var placed in request.Current)
        {
            if (placed.Replicas > 0 && !request.Leaving.Contains(placed.Cluster))
            {
                _cells.Add(CellOf(fleet, placed));
                Total += placed.Replicas;
            }
        }

        Fill();
    }

    /// <summary>How many different groups of a level have replicas.</summary>
    public int Covered(SpreadLevel level)
    {
        var groups = 0;
        for (var cell = 0; cell < _cells.Count; cell++)
        {
            groups += _seats[cell] > 0 && !IsCoveredBefore(level, cell) ? 1 : 0;
        }

        return groups;
    }

    public bool Covers(SpreadLevel level, int group)
    {
        for (var cell = 0; cell < _cells.Count; cell++)
        {
            if (_seats[cell] > 0 && _cells[cell].Group(level) == group)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Opens the zones of the chosen clusters; <paramref name="isOpen"/> says which, null opens all.</summary>
    public void Open(Fleet fleet, IReadOnlyList<Candidate> chosen, Func<int, bool>? isOpen)
    {
        foreach (var candidate in chosen)
        {
            var left = Clip(candidate.Fit);
            for (var zone = 0; zone < left.Length; zone++)
            {
                var cell = CellOf(fleet, candidate.Cluster, zone, candidate.Rank, 0, left[zone]);
                if (cell.More > 0 && isOpen?.Invoke(cell.ZoneWord) != false)
                {
                    Add(cell);
                }
            }
        }

        Fill();
    }

    /// <summary>One seat each until every spread has its least number of groups, then Webster's division of the rest.</summary>
    public void Divide(PlacementRequest request)
    {
        var left = request.Replicas - Total;
        while (left > 0 && BestForSpreads(request) is var cell and >= 0)
        {
            _seats[cell]++;
            Total++;
            left--;
        }

        for (var rank = 0; left > 0 && rank <= _rankMost; rank++)
        {
            for (var cell = 0; cell < _cells.Count; cell++)
            {
                // What may not have seats yet, or has had its turn, weighs nothing.
                _weights[cell] = _cells[cell].Rank == rank ? Weight(_cells[cell]) : 0;
            }

            var given = Webster.Give(_weights.AsSpan(0, _cells.Count), _seats.AsSpan(0, _cells.Count), _caps.AsSpan(0, _cells.Count), left);
            Total += given;
            left -= given;
        }
    }

    /// <summary>The highest rank that has replicas.</summary>
    public int RankMax
    {
        get
        {
            var most = 0;
            for (var cell = 0; cell < _cells.Count; cell++)
            {
                most = _seats[cell] > 0 ? Math.Max(most, _cells[cell].Rank) : most;
            }

            return most;
        }
    }

    /// <summary>Fewer are wanted than there are: the fullest cells give first.</summary>
    public void Shrink(int replicas)
    {
        _weights.AsSpan(0, _cells.Count).Fill(1);
        Webster.Take(_weights.AsSpan(0, _cells.Count), _seats.AsSpan(0, _cells.Count), Total - replicas);
        Total = Math.Min(Total, replicas);
    }

    /// <summary>Gives back what was added.</summary>
    public void Undo()
    {
        Total = 0;
        for (var cell = 0; cell < _cells.Count; cell++)
        {
            _seats[cell] = _cells[cell].Before;
            Total += _seats[cell];
        }
    }

    public IReadOnlyList<Placed> Placed() => Read(static (cell, seats) => seats);

    public IReadOnlyList<Placed> Added() => Read(static (cell, seats) => seats - cell.Before);

    private List<Placed> Read(Func<Cell, int, int> count)
    {
        List<Placed> all = [];
        for (var cell = 0; cell < _cells.Count; cell++)
        {
            if (count(_cells[cell], _seats[cell]) is var replicas and > 0)
            {
                all.Add(new(_cells[cell].Name, _cells[cell].ZoneName, replicas));
            }
        }

        return all;
    }

    /// <summary>The cell that brings most spreads nearer to their least number of groups; -1 when none does.</summary>
    private int BestForSpreads(PlacementRequest request)
    {
        var (best, most) = (-1, 0);
        for (var cell = 0; cell < _cells.Count; cell++)
        {
            if (_seats[cell] >= _caps[cell])
            {
                continue;
            }

            var brings = 0;
            foreach (var spread in request.Spreads)
            {
                brings += Covered(spread.Level) < spread.MinGroups && !Covers(spread.Level, _cells[cell].Group(spread.Level)) ? 1 : 0;
            }

            if (brings > most)
            {
                (best, most) = (cell, brings);
            }
        }

        return best;
    }

    private bool IsCoveredBefore(SpreadLevel level, int cell)
    {
        for (var earlier = 0; earlier < cell; earlier++)
        {
            if (_seats[earlier] > 0 && _cells[earlier].Group(level) == _cells[cell].Group(level))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A cluster's quota may be smaller than its zones together: each then gives up its share.</summary>
    private static int[] Clip(Fit fit)
    {
        int[] zones = [.. fit.Zones];
        if (zones.Sum(zone => (long)zone) <= fit.Total)
        {
            return zones;
        }

        var clipped = new int[zones.Length];
        // Only as many as a pool can have are divided one by one.
        Webster.Give(zones, clipped, zones, Math.Min(fit.Total, WeightMax));
        return clipped;
    }

    private void Add(Cell cell)
    {
        for (var known = 0; known < _cells.Count; known++)
        {
            if (_cells[known].Cluster == cell.Cluster && _cells[known].Zone == cell.Zone)
            {
                _cells[known] = _cells[known] with { Rank = cell.Rank, More = cell.More };
                return;
            }
        }

        _cells.Add(cell);
    }

    private void Fill()
    {
        if (_seats.Length < _cells.Count)
        {
            var length = Math.Max(64, _cells.Count * 2);
            (_seats, _weights, _caps) = (new int[length], new int[length], new int[length]);
        }

        _rankMost = 0;
        for (var cell = 0; cell < _cells.Count; cell++)
        {
            (_seats[cell], _caps[cell]) = (_cells[cell].Before, _cells[cell].Before + _cells[cell].More);
            _rankMost = Math.Max(_rankMost, _cells[cell].Rank);
        }
    }

    private static int Weight(Cell cell) => Math.Min(WeightMax, cell.Before + cell.More);

    private static Cell CellOf(Fleet fleet, Placed placed)
    {
        if (fleet.Find(placed.Cluster) is not { } cluster)
        {
            return new(placed.Cluster, placed.Zone, -1, -1, -1, -1, -1, 0, placed.Replicas, 0);
        }

        var zone = cluster.ZoneOf(placed.Zone);
        return CellOf(fleet, fleet.Words.Cluster(cluster.Name), zone, 0, placed.Replicas, 0) with { ZoneName = placed.Zone };
    }

    private static Cell CellOf(Fleet fleet, int cluster, int zone, int rank, int before, int more)
    {
        var (chunk, slot) = (fleet.Chunks[cluster / Chunk.Size], cluster % Chunk.Size);
        var its = chunk.Clusters[slot]!;
        return new(
            its.Name,
            zone < 0 ? "" : its.Zones[zone],
            cluster,
            zone,
            chunk.Providers[slot],
            chunk.Regions[slot],
            zone < 0 ? -1 : chunk.Zones[slot][zone],
            rank,
            before,
            more);
    }
}
