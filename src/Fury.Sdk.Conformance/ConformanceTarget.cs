using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Conformance;

/// <summary>A provider under test: its drivers, where it is, and its time.</summary>
public abstract class ConformanceTarget
{
    /// <summary>For reports, e.g. <c>redis 7.0</c>.</summary>
    public abstract string Name { get; }

    public abstract IReadOnlyList<IDriverFactory> Factories { get; }

    /// <summary>By which both drivers and tests measure time.</summary>
    public virtual TimeProvider Clock => TimeProvider.System;

    /// <summary>Where a resource of this name is. Each test has names of its own, which nobody has used before.</summary>
    public abstract ServiceRoute Route(ServiceKind kind, string resource);

    /// <summary>How long one call of the provider may take; an emulator may need more than a provider where hundreds of callers come at once.</summary>
    public virtual TimeSpan Patience => TimeSpan.FromSeconds(5);

    /// <summary>Which share of the random sequences of the models is tried, up to 1; a slow server has not the time for all.</summary>
    public virtual double ModelShare => 1;

    /// <summary>Lets time pass.</summary>
    public virtual Task AdvanceAsync(TimeSpan by) => Task.Delay(by, Clock);

    /// <summary>Waits for what may itself wait for time to pass.</summary>
    public virtual Task DriveAsync(Task task) => task;

    /// <summary>What the kind was attested to do; null: what its driver declares.</summary>
    public virtual CapabilitySet? Attested(ServiceKind kind) => null;
}
