namespace Fury.Compute.Serverless.Placement;

/// <summary>What a choice among groups of one level has to reach. The three questions are asked again after each group that was chosen.</summary>
/// <param name="Budget">How many groups may be opened besides those that are open.</param>
/// <param name="Hard">Never more than the budget, also where they have not room enough.</param>
/// <param name="Wanted">How many replicas need room.</param>
/// <param name="IsNeeded">Goes before better ones, because a spread of a higher level lacks it.</param>
/// <param name="IsEnough">Asked once there is room for all; no more groups are opened then.</param>
/// <param name="MayReplace">Whether the second may be taken in the place of the first without harm to a higher level.</param>
internal sealed record Choice(
    int Budget, bool Hard, int Wanted, Func<int, bool> IsNeeded, Func<bool> IsEnough, Func<int, int, bool> MayReplace);

/// <summary>Groups of one level in the order of their best candidate, and which of them take part. Keeps its buffers.</summary>
internal sealed class Groups
{
    private readonly List<(int Id, long Room, bool Open)> _all = [];
    private readonly Dictionary<int, int> _places = [];
    private readonly HashSet<int> _chosen = [];

    public IReadOnlyCollection<int> Chosen => _chosen;

    public bool IsChosen(int group) => _chosen.Contains(group);

    public void Clear()
    {
        _all.Clear();
        _places.Clear();
        _chosen.Clear();
    }

    /// <summary>The first of a group says where it stands; all of them add to its room.</summary>
    /// <param name="open">The pool has replicas in it.</param>
    public void Add(int group, long room, bool open)
    {
        if (_places.TryAdd(group, _all.Count))
        {
            _all.Add((group, room, open));
        }
        else
        {
            var place = _places[group];
            _all[place] = _all[place] with { Room = _all[place].Room + room };
        }
    }

    public void Choose(Choice choice)
    {
        var (room, budget) = (0L, choice.Budget);
        foreach (var group in _all)
        {
            if (group.Open)
            {
                _chosen.Add(group.Id);
                room += group.Room;
            }
        }

        foreach (var group in _all)
        {
            if (budget > 0 && !IsChosen(group.Id) && choice.IsNeeded(group.Id))
            {
                Open(group);
            }
        }

        foreach (var group in _all)
        {
            if (room >= choice.Wanted && (budget <= 0 || choice.IsEnough()))
            {
                return;
            }

            if (!IsChosen(group.Id) && (budget > 0 || !choice.Hard))
            {
                Open(group);
            }
        }

        while (room < choice.Wanted && Replace(choice, out var gain))
        {
            room += gain;
        }

        void Open((int Id, long Room, bool Open) group)
        {
            _chosen.Add(group.Id);
            room += group.Room;
            budget--;
        }
    }

    /// <summary>The best are too small for a pool that may be in few: the worst of them gives way to the roomiest that was left out.</summary>
    private bool Replace(Choice choice, out long gain)
    {
        for (var last = _all.Count - 1; last >= 0; last--)
        {
            if (!IsChosen(_all[last].Id) || _all[last].Open)
            {
                continue;
            }

            var best = -1;
            for (var other = 0; other < _all.Count; other++)
            {
                if (!IsChosen(_all[other].Id) && _all[other].Room > _all[last].Room && (best < 0 || _all[other].Room > _all[best].Room)
                    && choice.MayReplace(_all[last].Id, _all[other].Id))
                {
                    best = other;
                }
            }

            if (best >= 0)
            {
                _chosen.Remove(_all[last].Id);
                _chosen.Add(_all[best].Id);
                gain = _all[best].Room - _all[last].Room;
                return true;
            }
        }

        gain = 0;
        return false;
    }
}
