namespace Fury.LittleMonster.Tests.Simulation;

/// <summary>Joining, renewing, claiming, giving up and leaving.</summary>
internal sealed partial class SimulatedPostgres
{
    public (long Host, Guid Space) Join(string name, TimeSpan lease)
    {
        _free = null;
        foreach (var earlier in _hosts.Values.Where(host => host.Name == name && !host.Dead).ToArray())
        {
            _hosts[earlier.Id] = earlier with { Dead = true };
        }

        var id = ++_epochs;
        _hosts[id] = new HostTuple(id, name, id, Now + lease, false);
        _hostsByFence[id] = id;
        return (id, _flaws.NewTokens ? new Guid((int)id, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7) : Space);
    }

    public (DateTimeOffset At, int Hosts, int Free) Keep(long host, TimeSpan lease)
    {
        _hosts[host] = Alive(host) with { LeaseUntil = Now + lease };
        if (Now > _startedAt + lease)
        {
            foreach (var late in _hosts.Values.Where(one => one.LeaseUntil < Now && !one.Dead).ToArray())
            {
                _free = null;
                _hosts[late.Id] = late with { Dead = true, DeadSince = elapsed() };
            }
        }

        return (Now, _hosts.Values.Count(one => !one.Dead), Free());
    }

    public (long Fence, short[] Shards) Claim(long host, int max)
    {
        var alive = Alive(host);
        var fence = ++_epochs;
        _hosts[host] = alive with { Fence = fence };
        _free = null;
        _hostsByFence[fence] = host;
        var taken = _shards.Where(shard => !IsOwned(shard.Value.Owner)).Select(shard => shard.Key).Order().Take(max).ToArray();
        foreach (var shard in taken)
        {
            _shards[shard] = (host, fence);
        }

        return (fence, taken);
    }

    public void GiveUp(long host, short shard)
    {
        if (_shards[shard].Owner == host)
        {
            _free = null;
            _shards[shard] = (null, _shards[shard].Fence);
        }
    }

    public void Leave(long host)
    {
        _free = null;
        if (_hosts.TryGetValue(host, out var leaving))
        {
            _hosts[host] = leaving with { Dead = true };
        }

        foreach (var shard in _shards.Where(shard => shard.Value.Owner == host).Select(shard => shard.Key).ToArray())
        {
            GiveUp(host, shard);
        }
    }

    private int Free()
    {
        // Asked much more often than it changes.
        if (_free is not { } free)
        {
            free = 0;
            foreach (var (owner, _) in _shards.Values)
            {
                free += IsOwned(owner) ? 0 : 1;
            }

            _free = free;
        }

        return free;
    }

    private bool IsOwned(long? owner) => owner is { } id && _hosts.TryGetValue(id, out var host) && !host.Dead;

    private HostTuple Alive(long id) => _hosts.TryGetValue(id, out var host) && (!host.Dead || _flaws.NoFence) ? host : throw new FencedException();
}
