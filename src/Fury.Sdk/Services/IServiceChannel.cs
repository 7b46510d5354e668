using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;

namespace Fury.Sdk;

/// <summary>The one indirection between a handle and whatever driver stands behind it, as who binds and switches sees it.</summary>
internal interface IServiceChannel : IAsyncDisposable
{
    event Action<BindingInfo>? Switched;

    string Service { get; }

    ServiceKind Kind { get; }

    CapabilitySet Capabilities { get; }

    BindingInfo Binding { get; }

    object? Native { get; }

    /// <summary>Done when it was bound for the first time.</summary>
    Task Ready { get; }

    /// <summary>
    /// Makes the driver the one that all further calls use. Those in flight end on the old one, which is disposed when they have, or when the
    /// drain time is over. The task that is returned ends then; the switch itself is done when the call returns.
    /// </summary>
    Task Switch(IDriver driver, ServiceBinding binding, TimeSpan drainTimeout);
}
