using Fury.Sdk.Drivers;

namespace Fury.Sdk.Local;

/// <summary>What all local drivers have in common. Disposing one forgets nothing: another may be opened on the same resource.</summary>
internal abstract class LocalDriver(params Capability[] capabilities) : IDriver
{
    public string Provider => LocalProvider.Name;

    public CapabilitySet Declared { get; } = CapabilitySet.Native(capabilities);

    public ValueTask ProbeAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
