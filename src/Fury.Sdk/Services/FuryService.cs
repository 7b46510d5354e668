using System.Diagnostics.CodeAnalysis;

namespace Fury.Sdk;

/// <summary>
/// A handle of one named service. It is thread-safe, lives as long as the application, and stays the same when the provider behind it is switched.
/// </summary>
public abstract class FuryService(string name)
{
    private IServiceChannel? _channel;

    /// <summary>After a switch is complete for this handle; never within an operation. A handler must not throw or block.</summary>
    public event Action<BindingInfo>? Rebound;

    /// <summary>The name that the application gave it.</summary>
    public string Name { get; } = name;

    /// <summary>Of what stands behind it now.</summary>
    public virtual CapabilitySet Capabilities => _channel?.Capabilities ?? CapabilitySet.Empty;

    public virtual BindingInfo Binding => _channel?.Binding ?? new BindingInfo(Name, "", "", "", 0, BindingState.Unbound);

    /// <summary>Waits until something stands behind it.</summary>
    public virtual Task WaitUntilReadyAsync(CancellationToken cancellationToken = default) =>
        _channel?.Ready.WaitAsync(cancellationToken) ?? Task.CompletedTask;

    /// <summary>
    /// The provider's own client, where the driver has one. What is done with it is not portable: its use is a diagnostic to be switched off
    /// by hand, and the platform shows the service as pinned to its provider.
    /// </summary>
    [Experimental("FURY9001")]
    public virtual T? GetNative<T>()
        where T : class => _channel?.Native as T;

    /// <summary>What the handles of the portable layer have all of this from.</summary>
    private protected void Follow(IServiceChannel channel)
    {
        _channel = channel;
        channel.Switched += info => Rebound?.Invoke(info);
    }
}
