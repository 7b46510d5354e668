using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Mesh.Proxies;

/// <summary>A proxy that is connected to this host. Not safe for threads; the roster locks.</summary>
internal sealed class LocalProxy(string name)
{
    private readonly Dictionary<PoolId, Reading> _traffic = [];

    public string Name => name;

    public long Applied { get; set; }

    public DateTimeOffset HeardAt { get; set; }

    /// <summary>How many of this host's own beats have passed without news of it.</summary>
    public int SilentBeats { get; set; }

    public bool IsLive => SilentBeats < ProxyRoster.SilentBeatsMax;

    public ProxyState State => new(name, Applied, HeardAt);

    public void Report(PoolTraffic traffic) => _traffic[traffic.Pool] = new(traffic, IsWritten: false, IdleBeats: 0);

    public PoolTraffic? TrafficOf(PoolId pool) =>
        !_traffic.TryGetValue(pool, out var reading) ? null : IsLive ? reading.Traffic : reading.Traffic with { InFlight = 0 };

    /// <summary>Readings that are not on record yet; from now on they count as such, unless <see cref="Unwrite"/> says otherwise.</summary>
    public List<PoolTraffic> TakeUnwritten()
    {
        var unwritten = _traffic.Values.Where(reading => !reading.IsWritten).Select(reading => reading.Traffic).ToList();
        foreach (var traffic in unwritten)
        {
            _traffic[traffic.Pool] = _traffic[traffic.Pool] with { IsWritten = true };
        }

        return unwritten;
    }

    /// <summary>The write has failed; a newer reading has made it unneeded where there is one.</summary>
    public void Unwrite(IReadOnlyList<PoolTraffic> traffic)
    {
        foreach (var lost in traffic)
        {
            if (_traffic.TryGetValue(lost.Pool, out var reading))
            {
                _traffic[lost.Pool] = reading with { IsWritten = false };
            }
        }
    }

    /// <summary>Lets go of readings that are on record and have not changed for a while, so that old pools do not pile up here.</summary>
    public void Beat()
    {
        SilentBeats++;
        foreach (var (pool, reading) in _traffic)
        {
            if (reading.IsWritten && reading.IdleBeats >= ProxyRoster.IdleBeatsMax)
            {
                _traffic.Remove(pool);
            }
            else
            {
                _traffic[pool] = reading with { IdleBeats = reading.IdleBeats + 1 };
            }
        }
    }

    private sealed record Reading(PoolTraffic Traffic, bool IsWritten, int IdleBeats);
}
