using Fury.Compute.Standard.Health;
using Fury.Compute.Standard.Pools;
using Fury.Kernel;
using Fury.LittleMonster;
using Fury.Providers.Contracts;

namespace Fury.Compute.Standard.Launching;

/// <summary>
/// Brings an instance to nothing, from whatever state: it is no longer ready, is ended at its provider, and forgotten once it is gone
/// there. Answers <see cref="FaultKind.Unavailable"/> as long as it is not; asking again is harmless.
/// </summary>
internal sealed class Removal(IPoolStore store, InstanceProviders providers, IInstanceWatcher watcher, TimeProvider clock)
{
    /// <summary>For sagas that ask until it is gone.</summary>
    public static readonly Retry Retry = Retry.Forever(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1));

    /// <summary>For the requests it is working on; then it is ended by force.</summary>
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(30);

    public async Task<Outcome> Remove(PoolId poolId, InstanceId id, CancellationToken cancellation)
    {
        var marked = await store.Change(
            poolId,
            known => known.Find(id) is { IsLive: true } live ? known.With(Changes.Stop(live, clock.GetUtcNow()) with { Terminating = true }) : known,
            cancellation);
        if (!marked.IsOk)
        {
            return marked.Fault;
        }

        watcher.Forget(id);
        var pool = marked.Value;
        if (pool.Find(id) is not { } instance)
        {
            return Outcome.Ok;
        }

        if (providers.Of(pool.Spec.Location) is { } provider)
        {
            var ended = await End(provider, instance, cancellation);
            if (!ended.IsOk)
            {
                return ended;
            }
        }

        var gone = await store.Change(poolId, known => Changes.Gone(known, id), cancellation);
        return gone.IsOk ? Outcome.Ok : gone.Fault;
    }

    private static async Task<Outcome> End(IInstanceProvider provider, Instance instance, CancellationToken cancellation)
    {
        // Nothing is recorded between the provider's answer and a crash, so what has no id may exist all the same; its tag finds it.
        var found = instance.ProviderId is { } id
            ? await provider.Describe([id], cancellation)
            : await provider.ListByTag(InstanceTags.Instance, instance.Id.ToString(), cancellation);
        if (!found.IsOk)
        {
            return found.Fault;
        }

        foreach (var seen in found.Value.Where(seen => seen.State != ProviderInstanceState.Stopped))
        {
            if (seen.State != ProviderInstanceState.Stopping
                && await provider.Terminate(seen.Id, StopGrace, cancellation) is { IsOk: false } refused)
            {
                return refused;
            }

            return Fault.Unavailable($"Instance '{seen.Id}' is still ending its work.");
        }

        return Outcome.Ok;
    }
}
