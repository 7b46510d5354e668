using Fury.Sdk.Bindings;

namespace Fury.Sdk.Drivers;

/// <summary>
/// One provider behind one service. A driver is thin: one call of the provider for each of its own, no retry, no log, no check of arguments, no
/// encoding of keys; the portable layer has done or does that. It is thread-safe, obeys cancellation at once, and reports trouble as
/// <see cref="FuryException"/> or as whatever its client throws, which <see cref="Translate"/> then explains.
/// </summary>
public interface IDriver : IAsyncDisposable
{
    /// <summary>As in telemetry and bindings, e.g. <c>redis</c>.</summary>
    string Provider { get; }

    /// <summary>What it can do where the resource is as it should be; the probe decides.</summary>
    CapabilitySet Declared { get; }

    /// <summary>
    /// Its calls end at once when they are cancelled, even when the provider is silent. Where a client cannot be trusted to, the portable layer leaves
    /// the call behind instead, at some cost.
    /// </summary>
    bool EndsAtOnce => false;

    /// <summary>The provider's own client, if whoever asks for it knows what that means.</summary>
    object? Native => null;

    /// <summary>The provider's error in our words; <see cref="FuryException.OutcomeUnknown"/> unless it is sure that nothing happened.</summary>
    FuryException Translate(Exception error) => new(FuryErrorCode.Unknown, error.Message, error) { OutcomeUnknown = true };

    /// <summary>The cheapest call that shows that the resource is there and may be used.</summary>
    ValueTask ProbeAsync(CancellationToken cancellation);
}

/// <summary>What a driver is opened with.</summary>
/// <param name="Service">The name that the application gave the service.</param>
public sealed record DriverContext(string Service, ServiceRoute Route, TimeProvider Clock)
{
    /// <summary>Of the binding that names the route; 0 when it is opened without one.</summary>
    public long Epoch { get; init; }

    /// <summary>For a subscription: the attributes that its messages have.</summary>
    public IReadOnlyDictionary<string, string> Filter { get; init; } = new Dictionary<string, string>();
}

/// <summary>Opens drivers of one provider for one kind of service.</summary>
public interface IDriverFactory
{
    ServiceKind Kind { get; }

    string Provider { get; }

    /// <summary>Gives a driver of the interface of its kind, e.g. <see cref="IKeyValueDriver"/>. It need not have connected.</summary>
    ValueTask<IDriver> OpenAsync(DriverContext context, CancellationToken cancellation);
}

/// <summary>A factory from a function.</summary>
public sealed class DriverFactory(ServiceKind kind, string provider, Func<DriverContext, CancellationToken, ValueTask<IDriver>> open) : IDriverFactory
{
    public ServiceKind Kind { get; } = kind;

    public string Provider { get; } = provider;

    public ValueTask<IDriver> OpenAsync(DriverContext context, CancellationToken cancellation) => open(context, cancellation);
}
