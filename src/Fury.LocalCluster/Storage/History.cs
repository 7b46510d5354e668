namespace Fury.LocalCluster;

internal enum ChangeType
{
    Added,
    Modified,
    Deleted,
}

/// <summary>One step of an object. A deleted one is told as it was last, under the version of its deletion.</summary>
/// <param name="Before">Null for an added one.</param>
internal sealed record Change(ChangeType Type, Entry Entry, Entry? Before)
{
    public long Version => Entry.Version;
}

/// <summary>
/// The last changes of a kind in their order, up to a bound; older ones are forgotten, which is what <c>410 Gone</c> tells. Each change has a place,
/// a number that only grows, so that a watcher is no more than the place it has come to.
/// </summary>
internal sealed class History(int changesMax)
{
    private Change[] _ring = new Change[Math.Min(16, changesMax)];
    private long _first;

    /// <summary>The place behind the last change.</summary>
    public long End { get; private set; }

    /// <summary>Changes up to this version are forgotten; what has seen less cannot catch up.</summary>
    public long CompactedVersion { get; private set; }

    /// <summary>The place of the oldest change that is still known.</summary>
    public long First => _first;

    public Change this[long place] => _ring[place % _ring.Length];

    public void Add(Change change)
    {
        if (End - _first == _ring.Length)
        {
            if (_ring.Length < changesMax)
            {
                Grow();
            }
            else
            {
                CompactedVersion = this[_first].Version;
                _first++;
            }
        }

        _ring[End % _ring.Length] = change;
        End++;
    }

    /// <summary>The place of the first change after the version.</summary>
    public long After(long version)
    {
        var (low, high) = (_first, End);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            (low, high) = this[middle].Version > version ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    /// <summary>Forgets everything up to the version.</summary>
    public void Compact(long version)
    {
        var keep = After(version);
        for (; _first < keep; _first++)
        {
            _ring[_first % _ring.Length] = null!;
        }

        CompactedVersion = Math.Max(CompactedVersion, version);
    }

    private void Grow()
    {
        var larger = new Change[Math.Min(changesMax, _ring.Length * 4)];
        for (var place = _first; place < End; place++)
        {
            larger[place % larger.Length] = this[place];
        }

        _ring = larger;
    }
}
