using Fury.Compute.Standard.Launching;
using Fury.Hosting;
using Fury.Providers.Contracts;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fury.Compute.Standard.Pools;

/// <summary>
/// Ends what a provider runs for us and nobody wants: the last line against a creation that arrives late. An instance is on record with the provider's id,
/// or its lot waits for the provider's answer, from before its creation is asked for until it is gone; so one that the provider has and the record has not
/// is an orphan for certain, as long as the provider is asked first.
/// </summary>
internal sealed class Orphans(IPoolStore store, ILogger<Orphans> log)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    public async Task End(IInstanceProvider provider, CancellationToken cancellation)
    {
        var listed = await provider.ListByTag(InstanceTags.Engine, InstanceTags.Standard, cancellation);
        if (!listed.IsOk)
        {
            log.LogWarning("The instances of provider {Provider} could not be listed: {Fault}", provider.Name, listed.Fault);
            return;
        }

        var live = listed.Value.Where(seen => seen.State is not (ProviderInstanceState.Stopping or ProviderInstanceState.Stopped)).ToList();
        var known = await store.Known(
            [.. live.Select(seen => seen.Id)], [.. live.Select(LotOf).OfType<Guid>().Distinct()], cancellation);
        foreach (var orphan in live.Where(seen => !known.Contains(seen.Id) && !known.Contains($"{LotOf(seen)}")))
        {
            log.LogWarning("Instance {ProviderId} of lot {Lot} is wanted by nobody and is ended.", orphan.Id, LotOf(orphan));
            await provider.Terminate(orphan.Id, Grace, cancellation);
        }
    }

    /// <summary>Null for what was launched before there were lots.</summary>
    private static Guid? LotOf(ProviderInstance seen) =>
        Guid.TryParse(seen.Tags.GetValueOrDefault(InstanceTags.Lot), out var lot) ? lot : null;
}

/// <summary>On every host, at providers that see only its instances.</summary>
internal sealed class OrphanReconciler(IEnumerable<IInstanceProvider> providers, Orphans orphans) : IReconciler
{
    public string Name => "standard.orphans";

    public TimeSpan Period { get; } = TimeSpan.FromSeconds(15);

    public bool OncePerPlatform => false;

    public async Task Pass(long fence, CancellationToken cancellation)
    {
        foreach (var provider in providers.Where(provider => !provider.IsShared))
        {
            await orphans.End(provider, cancellation);
        }
    }
}

/// <summary>On one host, at providers that all hosts share.</summary>
internal sealed class SharedOrphanReconciler(IEnumerable<IInstanceProvider> providers, Orphans orphans, IOptions<StandardOptions> options) : IReconciler
{
    public string Name => "standard.shared-orphans";

    public TimeSpan Period { get; } = options.Value.SweepPeriod;

    public bool OncePerPlatform => true;

    public Task Pass(long fence, CancellationToken cancellation) =>
        Task.WhenAll(providers.Where(provider => provider.IsShared).Select(provider => orphans.End(provider, cancellation)));
}
