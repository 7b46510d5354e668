using Fury.Compute.Standard.Health;
using Fury.Compute.Standard.Pools;
using Fury.Kernel;
using Fury.LittleMonster;
using Fury.Providers.Contracts;

namespace Fury.Compute.Standard.Launching;

/// <summary>
/// Brings instances to nothing, from whatever state: they are no longer ready, are ended at their provider, and forgotten once they are gone
/// there. Answers <see cref="FaultKind.Unavailable"/> as long as they are not; asking again is harmless.
/// </summary>
internal sealed class Removal(IPoolStore store, InstanceProviders providers, IInstanceWatcher watcher, TimeProvider clock)
{
    /// <summary>For sagas that ask until it is gone.</summary>
    public static readonly Retry Retry = Retry.Forever(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(5));

    /// <summary>For the requests it is working on; then it is ended by force.</summary>
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(30);

    /// <summary>One instance. While its lot is still being asked for it has no id, and it is for that saga to give it one or to take it back.</summary>
    public async Task<Outcome> Remove(PoolId poolId, InstanceId id, CancellationToken cancellation)
    {
        var marked = await Mark(poolId, instance => instance.Id == id, cancellation);
        if (!marked.IsOk)
        {
            return marked.Fault;
        }

        if (marked.Value.Find(id) is not { } instance)
        {
            return Outcome.Ok;
        }

        if (instance.ProviderId is not { } providerId)
        {
            return Fault.Unavailable($"Instance '{id}' is still being asked for.");
        }

        if (providers.Of(instance.Place) is { } provider)
        {
            var seen = await provider.Describe([providerId], cancellation);
            var ended = seen.IsOk ? await End(provider, seen.Value, [instance], cancellation) : seen.Fault;
            if (!ended.IsOk)
            {
                return ended;
            }
        }

        return await Forget(poolId, one => one.Id == id, cancellation);
    }

    /// <summary>
    /// A lot that may have been asked for or not: nothing is recorded between the provider's answer and a crash, so what has no id may exist all the same.
    /// Its tag finds it, once the provider shows all that it has made.
    /// </summary>
    public async Task<Outcome> RemoveLot(Launch lot, CancellationToken cancellation)
    {
        var marked = await Mark(lot.Pool, instance => instance.Lot == lot.Lot, cancellation);
        if (!marked.IsOk)
        {
            return marked.Fault;
        }

        var instances = marked.Value.Lot(lot.Lot).ToList();
        if (instances.Count == 0)
        {
            return Outcome.Ok;
        }

        if (providers.Of(lot.Place) is { } provider)
        {
            var seen = await provider.ListByTag(InstanceTags.Lot, lot.Lot.ToString(), cancellation);
            var ended = seen.IsOk ? await End(provider, seen.Value, instances, cancellation) : seen.Fault;
            if (!ended.IsOk)
            {
                return ended;
            }
        }

        return await Forget(lot.Pool, one => one.Lot == lot.Lot, cancellation);
    }

    private async Task<Outcome<Pool>> Mark(PoolId poolId, Func<Instance, bool> which, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var marked = await store.Change(
            poolId,
            known => !known.Instances.Any(instance => which(instance) && instance.IsLive) ? known : known with
            {
                Instances =
                [
                    .. known.Instances.Select(instance =>
                        which(instance) && instance.IsLive ? Changes.Stop(instance, now) with { Terminating = true } : instance),
                ],
            },
            cancellation);
        if (marked.IsOk)
        {
            foreach (var instance in marked.Value.Instances.Where(which))
            {
                watcher.Forget(instance.Id);
            }
        }

        return marked;
    }

    private async Task<Outcome> Forget(PoolId poolId, Func<Instance, bool> which, CancellationToken cancellation) =>
        await store.Change(poolId, known => Changes.Gone(known, which), cancellation) is { IsOk: false } refused ? refused.Fault : Outcome.Ok;

    private async Task<Outcome> End(
        IInstanceProvider provider, IReadOnlyList<ProviderInstance> seen, IReadOnlyList<Instance> instances, CancellationToken cancellation)
    {
        var live = seen.Where(one => one.State != ProviderInstanceState.Stopped).ToList();
        var mayComeUp = instances
            .Where(instance => !instance.WasReady && clock.GetUtcNow() - instance.StoppingAt < provider.Settling)
            .ToList();
        var running = live.Where(one => one.State != ProviderInstanceState.Stopping).Select(one => one.Id);
        var missing = mayComeUp.Select(instance => instance.ProviderId).OfType<string>().Except(seen.Select(one => one.Id));
        var ended = await Task.WhenAll(running.Concat(missing).Select(id => provider.Terminate(id, StopGrace, cancellation)));
        return ended.FirstOrDefault(answer => answer is { IsOk: false, Fault.Kind: not FaultKind.NotFound }) is { IsOk: false } refused ? refused
            : live.Count > 0 ? Fault.Unavailable($"Instance '{live[0].Id}' is still ending its work.")
            : mayComeUp.Count > 0 ? Fault.Unavailable($"Instances of provider '{provider.Name}' may still come up.")
            : Outcome.Ok;
    }
}
