using System.Collections.Concurrent;
using Fury.Deployments.Deployments;
using Fury.Kernel;

namespace Fury.Deployments.Driving;

/// <summary>Which driver wants news of which pool: two entries for each live deployment of this host, so news costs one look-up.</summary>
internal sealed class PoolIndex
{
    private readonly ConcurrentDictionary<PoolId, Driver> _drivers = [];

    public void Follow(Driver driver, DeploymentRecord record)
    {
        foreach (var pool in record.Moving.SelectMany(lane => lane.Pools))
        {
            _drivers[pool.Id] = driver;
        }
    }

    public void Forget(Driver driver)
    {
        foreach (var entry in _drivers.Where(entry => entry.Value == driver))
        {
            _drivers.TryRemove(entry);
        }
    }

    public void Wake(PoolId pool)
    {
        if (_drivers.TryGetValue(pool, out var driver))
        {
            driver.Wake();
        }
    }
}
