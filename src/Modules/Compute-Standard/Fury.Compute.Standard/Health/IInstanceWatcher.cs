using Fury.Kernel;

namespace Fury.Compute.Standard.Health;

/// <summary>Whoever launches and terminates instances says here which of them this host has to look after.</summary>
internal interface IInstanceWatcher
{
    /// <summary>Begins to watch the instance, which has its provider's id on record. Returns at once; twice is once.</summary>
    void Watch(PoolId pool, InstanceId id);

    /// <summary>Stops watching it, because it is being stopped.</summary>
    void Forget(InstanceId id);
}
