using Fury.Compute.Standard.Pools;
using Fury.Kernel;

namespace Fury.Compute.Standard.Health;

/// <summary>What the watches of a pool's instances share.</summary>
internal sealed class WatchedPool(PoolId id, string healthPath, IPoolStore store)
{
    public PoolId Id => id;

    public string HealthPath => healthPath;

    public Task<Outcome<Pool>> Change(Func<Pool, Pool> change, CancellationToken cancellation) => store.Change(id, change, cancellation);
}
