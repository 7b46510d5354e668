using Fury.Kernel;

namespace Fury.Compute.Contracts;

/// <summary>Where a metric of pools is read, beside what an engine itself knows of its replicas.</summary>
public interface IPoolMetrics
{
    /// <summary>Whether metrics of that name are told here.</summary>
    bool Tells(string metric);

    /// <summary>The value of each pool as a whole, now; a pool of which nothing is known is left out. Does not throw for what cannot be reached.</summary>
    Task<IReadOnlyDictionary<PoolId, double>> Read(string metric, IReadOnlyCollection<PoolId> pools, CancellationToken cancellation);
}
