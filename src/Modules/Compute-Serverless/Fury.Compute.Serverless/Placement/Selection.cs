namespace Fury.Compute.Serverless.Placement;

/// <summary>
/// Which of the candidates take part. Where a spread limits the number of providers or regions, these are chosen first, as many as are
/// allowed; of clusters as few as keep the spreads and have the room. Each time the best first, those that the pool is in before all others.
/// Keeps its buffers.
/// </summary>
internal sealed class Selection
{
    private readonly List<Candidate> _left = [];
    private readonly List<Candidate> _chosen = [];
    private readonly Groups _groups = new();
    private readonly HashSet<int> _zones = [];
    private readonly HashSet<int> _opened = [];
    private Fleet _fleet = Fleet.Empty;
    private PlacementRequest _request = null!;
    private Seats _seats = null!;

    /// <summary>The best first.</summary>
    public IReadOnlyList<Candidate> Chosen => _chosen;

    private int Wanted => _request.Replicas - _seats.Total;

    public void Choose(Fleet fleet, PlacementRequest request, IReadOnlyList<Candidate> candidates, Seats seats)
    {
        (_fleet, _request, _seats) = (fleet, request, seats);
        _left.Clear();
        _left.AddRange(candidates);
        Narrow(SpreadLevel.Provider);
        Narrow(SpreadLevel.Region);
        ChooseClusters();
    }

    /// <summary>Which zones the pool may be in; null when all that its clusters have.</summary>
    public Func<int, bool>? Zones()
    {
        if (_request.SpreadOver(SpreadLevel.Zone) is not { MaxGroups: < int.MaxValue } spread)
        {
            return null;
        }

        _groups.Clear();
        foreach (var candidate in _chosen)
        {
            var words = ZonesOf(candidate.Cluster);
            for (var zone = 0; zone < words.Length; zone++)
            {
                if (candidate.Fit.Zones[zone] > 0)
                {
                    _groups.Add(words[zone], candidate.Fit.Zones[zone], _seats.Covers(SpreadLevel.Zone, words[zone]));
                }
            }
        }

        _groups.Choose(AsMany(spread, static _ => false));
        return _groups.IsChosen;
    }

    private void Narrow(SpreadLevel level)
    {
        if (_request.SpreadOver(level) is not { MaxGroups: < int.MaxValue } spread)
        {
            return;
        }

        _groups.Clear();
        foreach (var candidate in _left)
        {
            var group = Group(level, candidate.Cluster);
            _groups.Add(group, candidate.Fit.Total, _seats.Covers(level, group));
        }

        _groups.Choose(AsMany(spread, group => level == SpreadLevel.Region && OpensProvider(group)));
        _left.RemoveAll(candidate => !_groups.IsChosen(Group(level, candidate.Cluster)));
    }

    private Choice AsMany(Spread spread, Func<int, bool> isNeeded) => new(
        spread.MaxGroups - _seats.Covered(spread.Level), spread.Hard, Wanted, isNeeded, static () => false, static (_, _) => true);

    /// <summary>Whether the region is of a provider that is still lacking.</summary>
    private bool OpensProvider(int region)
    {
        if (_request.SpreadOver(SpreadLevel.Provider) is not { } spread)
        {
            return false;
        }

        _opened.Clear();
        var provider = -1;
        foreach (var candidate in _left)
        {
            var its = Group(SpreadLevel.Region, candidate.Cluster);
            if (its == region)
            {
                provider = Group(SpreadLevel.Provider, candidate.Cluster);
            }

            if (_groups.IsChosen(its))
            {
                _opened.Add(Group(SpreadLevel.Provider, candidate.Cluster));
            }
        }

        return Lacks(spread, provider);
    }

    private void ChooseClusters()
    {
        _chosen.Clear();
        _zones.Clear();
        var spread = _request.SpreadOver(SpreadLevel.Cluster) ?? new(SpreadLevel.Cluster, 1, Hard: false);
        var covered = _seats.Covered(SpreadLevel.Cluster);
        var zonesMin = Math.Min(_request.SpreadOver(SpreadLevel.Zone)?.MinGroups ?? 0, _request.Replicas);
        var min = Math.Min(spread.MinGroups, _request.Replicas);
        var known = 0;
        _groups.Clear();
        foreach (var candidate in _left)
        {
            var open = covered > 0 && _seats.Covers(SpreadLevel.Cluster, candidate.Cluster);
            known += open ? 1 : 0;
            _groups.Add(candidate.Cluster, candidate.Fit.Total, open);
        }

        _groups.Choose(new(
            spread.MaxGroups - covered,
            spread.Hard,
            Wanted,
            NeedsCluster,
            () => covered - known + _groups.Chosen.Count >= min && (zonesMin == 0 || CountZones() >= zonesMin),
            (one, other) => !SpreadsOver(SpreadLevel.Provider, one, other) && !SpreadsOver(SpreadLevel.Region, one, other)));
        foreach (var candidate in _left)
        {
            if (_groups.IsChosen(candidate.Cluster))
            {
                _chosen.Add(candidate);
            }
        }

        bool SpreadsOver(SpreadLevel level, int one, int other) =>
            _request.SpreadOver(level) is not null && Group(level, one) != Group(level, other);
    }

    /// <summary>Whether the cluster is in a provider or region that is still lacking.</summary>
    private bool NeedsCluster(int cluster)
    {
        foreach (var spread in _request.Spreads)
        {
            if (spread.Level is SpreadLevel.Provider or SpreadLevel.Region && spread.MinGroups > 1)
            {
                _opened.Clear();
                foreach (var chosen in _groups.Chosen)
                {
                    _opened.Add(Group(spread.Level, chosen));
                }

                if (Lacks(spread, Group(spread.Level, cluster)))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Whether the spread still lacks groups, and this one is not among the opened.</summary>
    private bool Lacks(Spread spread, int group)
    {
        var open = _seats.Covered(spread.Level);
        foreach (var opened in _opened)
        {
            open += _seats.Covers(spread.Level, opened) ? 0 : 1;
        }

        return open < Math.Min(spread.MinGroups, _request.Replicas) && !_opened.Contains(group) && !_seats.Covers(spread.Level, group);
    }

    /// <summary>In which there would be replicas or room for them.</summary>
    private int CountZones()
    {
        _zones.Clear();
        foreach (var candidate in _left)
        {
            if (_groups.IsChosen(candidate.Cluster))
            {
                var words = ZonesOf(candidate.Cluster);
                for (var zone = 0; zone < words.Length; zone++)
                {
                    if (candidate.Fit.Zones[zone] > 0 && !_seats.Covers(SpreadLevel.Zone, words[zone]))
                    {
                        _zones.Add(words[zone]);
                    }
                }
            }
        }

        return _seats.Covered(SpreadLevel.Zone) + _zones.Count;
    }

    private int Group(SpreadLevel level, int cluster)
    {
        var (chunk, slot) = (_fleet.Chunks[cluster / Chunk.Size], cluster % Chunk.Size);
        return level == SpreadLevel.Provider ? chunk.Providers[slot] : chunk.Regions[slot];
    }

    private int[] ZonesOf(int cluster) => _fleet.Chunks[cluster / Chunk.Size].Zones[cluster % Chunk.Size];
}
