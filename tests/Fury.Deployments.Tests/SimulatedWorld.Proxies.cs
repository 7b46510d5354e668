using Fury.Mesh.Contracts;

namespace Fury.Deployments.Tests;

/// <summary>The data plane: who applies, who sends where, who stops and who is gone.</summary>
internal sealed partial class SimulatedWorld
{
    /// <summary>No more often in one world; where somebody always stands still nothing ever ends.</summary>
    private const int StopsMax = 6;

    private readonly Dictionary<string, (DateTimeOffset Until, bool Recovers)> _stubborn = [];
    private int _stops;

    /// <summary>It applies nothing for a while, and sends by what it has; then it applies again, or somebody forgets it.</summary>
    private void Stop(string proxy)
    {
        _stops++;
        _stubborn[proxy] = (_clock.GetUtcNow() + TimeSpan.FromSeconds(_random.Next(1, 300)), _random.Next(2) == 0);
    }

    private void Recover(string proxy)
    {
        if (!_stubborn.TryGetValue(proxy, out var stop) || stop.Until > _clock.GetUtcNow())
        {
            return;
        }

        _stubborn.Remove(proxy);
        if (!stop.Recovers)
        {
            Forget(proxy);
        }
    }

    /// <summary>It is dead, or somebody says that it is: nobody waits for it, and it sends nothing any more.</summary>
    private void Forget(string proxy)
    {
        _applied.Remove(proxy);
        _tables.Disconnect(proxy);
        foreach (var key in _traffic.Keys.Where(key => key.Proxy == proxy).ToList())
        {
            Report(proxy, _traffic[key] with { InFlight = 0 });
        }
    }

    /// <summary>Requests begin only in pools of the table that the proxy has applied, and end in any.</summary>
    private void Traffic(string proxy)
    {
        if (!_applied.TryGetValue(proxy, out var version) || version == 0)
        {
            return;
        }

        var table = _tables.Published.Single(one => one.Version == version);
        foreach (var pool in _engine.Pools)
        {
            var known = _traffic.GetValueOrDefault((proxy, pool.Id)) ?? PoolTraffic.None(pool.Id);
            var ended = _random.Next(known.InFlight + 1);
            var begun = table.Pools.Any(weight => weight.Pool == pool.Id && (weight.Weight > 0 || Chance(0.1))) ? _random.Next(5) : 0;
            var failed = _record.Moving.Any(lane => lane.Candidate!.Id == pool.Id) && _chaos > 0.15 ? _random.Next(ended + 1) : 0;
            Report(proxy, known with
            {
                Requests = known.Requests + ended,
                Errors = known.Errors + failed,
                InFlight = known.InFlight - ended + begun,
            });
        }
    }

    private void Report(string proxy, PoolTraffic traffic)
    {
        _traffic[(proxy, traffic.Pool)] = traffic;
        _tables.Report(proxy, traffic);
    }

    private void Apply(string proxy, long version)
    {
        _applied[proxy] = version;
        _tables.Apply(proxy, version);
    }
}
