using System.Runtime.CompilerServices;
using Fury.Sdk.Local;

namespace Fury.Sdk.Bindings;

/// <summary>Everything is within this process: for development and tests, without a platform.</summary>
internal sealed class LocalBindingSource : IBindingSource
{
    public async IAsyncEnumerable<ServiceBinding> WatchAsync(
        IReadOnlyList<ServiceNeed> needs, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var need in needs)
        {
            yield return new ServiceBinding(
                need.Name, need.Kind, 1, new ServiceRoute(LocalProvider.Name, LocalProvider.Name, null, "local", need.Name));
        }

        await Task.CompletedTask;
    }
}
