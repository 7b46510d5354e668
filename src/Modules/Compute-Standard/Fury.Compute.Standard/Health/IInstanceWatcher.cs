using Fury.Kernel;

namespace Fury.Compute.Standard.Health;

/// <summary>Whoever launches and terminates instances says here which of them have to be looked after.</summary>
internal interface IInstanceWatcher
{
    /// <summary>
    /// Begins to watch the instances, which have their provider's ids on record, where that is this host's to do; else whoever it is takes them up soon.
    /// Returns at once; twice is once.
    /// </summary>
    void Watch(PoolId pool, IReadOnlyCollection<InstanceId> ids);

    /// <summary>Stops watching it, because it is being stopped.</summary>
    void Forget(InstanceId id);
}
