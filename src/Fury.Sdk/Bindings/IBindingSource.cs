namespace Fury.Sdk.Bindings;

/// <summary>Says what stands behind the application's services.</summary>
public interface IBindingSource
{
    /// <summary>First a binding for each need, then each change, in the order of their epochs, until there can be none or it is cancelled.</summary>
    IAsyncEnumerable<ServiceBinding> WatchAsync(IReadOnlyList<ServiceNeed> needs, CancellationToken cancellation);

    /// <summary>
    /// Told what became of a binding: null when it is in force, so that who switches knows that this instance is done; else why it was refused.
    /// </summary>
    void Report(ServiceBinding binding, FuryException? refusal)
    {
    }
}
