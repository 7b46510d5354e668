using Fury.Compute.Standard.Launching;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Providers.Contracts;
using Microsoft.Extensions.Logging;

namespace Fury.Compute.Standard.Pools;

/// <summary>
/// Ends what a provider runs for us and nobody wants: the last line against a creation that arrives late. An instance is on record before
/// its creation is asked for and until it is gone, so one that the provider has and the record has not is an orphan for certain, as long
/// as the provider is asked first. On every host, since a provider may see only its host's instances.
/// </summary>
internal sealed class OrphanReconciler(IEnumerable<IInstanceProvider> providers, IPoolStore store, ILogger<OrphanReconciler> log) : IReconciler
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    public string Name => "standard.orphans";

    public TimeSpan Period { get; } = TimeSpan.FromSeconds(15);

    public bool OncePerPlatform => false;

    public async Task Pass(long fence, CancellationToken cancellation)
    {
        foreach (var provider in providers)
        {
            var listed = await provider.ListByTag(InstanceTags.Engine, InstanceTags.Standard, cancellation);
            if (!listed.IsOk)
            {
                log.LogWarning("The instances of provider {Provider} could not be listed: {Fault}", provider.Name, listed.Fault);
                continue;
            }

            var live = listed.Value
                .Where(seen => seen.State is not (ProviderInstanceState.Stopping or ProviderInstanceState.Stopped))
                .ToDictionary(seen => new InstanceId(Guid.Parse(seen.Tags[InstanceTags.Instance])));
            var known = await store.Known(live.Keys, cancellation);
            foreach (var (id, orphan) in live.Where(seen => !known.Contains(seen.Key)))
            {
                log.LogWarning("Instance {Instance} ({ProviderId}) is wanted by nobody and is ended.", id, orphan.Id);
                await provider.Terminate(orphan.Id, Grace, cancellation);
            }
        }
    }
}
