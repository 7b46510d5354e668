using Fury.Compute.Standard.Health;
using Fury.Compute.Standard.Pools;
using Fury.Hosting;
using Fury.Kernel;
using Fury.LittleMonster;
using Fury.Providers.Contracts;

namespace Fury.Compute.Standard.Launching;

/// <summary>Which instance, decided and on record before the saga began.</summary>
internal sealed record Launch(PoolId Pool, InstanceId Instance);

/// <summary>What the provider has given.</summary>
internal sealed record Created(string ProviderId);

/// <summary>Brings one replica up: asks for the instance, waits until it runs and is healthy. Undone, it leaves nothing at the provider.</summary>
internal sealed class LaunchInstance(
    IPoolStore store, InstanceProviders providers, Removal removal, IInstanceWatcher watcher, INode node, TimeProvider clock) : Saga<Launch>
{
    /// <summary>One that is not healthy by then is given up, and another one launched.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Far beyond <see cref="StartPatience"/>, which is counted here: a saga that slept through an outage must look before it gives up
    /// an instance that serves by now.
    /// </summary>
    private static readonly TimeSpan SagaPatience = TimeSpan.FromDays(1);

    /// <summary>Only a safety net: the saga is nudged when something has happened.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>The reconciler has the long patience; a saga that fails soon tells the pool's problem soon.</summary>
    private static readonly Retry CreateRetry = Retry.Backoff(3, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2));

    protected override void Define(SagaBuilder<Launch> saga)
    {
        // The key is shared with the saga that terminates the instance: that one waits until this one has gone out of its way.
        saga.Name("standard.launch-instance").Version(1).Key(input => input.Instance.ToString()).Deadline(SagaPatience);
        var create = saga.Step<Created>("create", Effect.Token, Create, x => removal.Remove(x.Input.Pool, x.Input.Instance, x.Cancellation),
            retry: CreateRetry, undoRetry: Removal.Retry);
        saga.Poll<Created>("running", x => Running(x, x.Get(create)), PollInterval, SagaPatience);
        saga.Poll<Created>("healthy", x => Healthy(x, x.Get(create)), PollInterval, SagaPatience);
    }

    private static Fault NotWanted(InstanceId id) => Fault.Conflict($"Instance '{id}' is no longer wanted.");

    private async Task<Outcome<Created>> Create(StepContext<Launch> x)
    {
        var claimed = await store.Change(x.Input.Pool, pool => Claim(pool, x.Input.Instance), x.Cancellation);
        if (!claimed.IsOk)
        {
            return claimed.Fault;
        }

        var pool = claimed.Value;
        var instance = pool.Find(x.Input.Instance);
        if (instance is not { IsLive: true })
        {
            return NotWanted(x.Input.Instance);
        }

        if (instance.Node != node.Name)
        {
            // Its provider may be one that only that host can see; asking here as well could make a second one.
            return Fault.Unavailable($"Instance '{instance.Id}' is being launched by host '{instance.Node}'.");
        }

        var created = providers.Find(pool.Spec.Location) is { } provider
            ? await provider.Create(InstanceTags.Request(pool.Spec, instance.Id), x.Cancellation)
            : providers.Unknown(pool.Spec.Location);
        if (!created.IsOk)
        {
            await store.Change(pool.Spec.Id, before => Changes.LaunchFailed(before, created.Fault, clock.GetUtcNow()), x.Cancellation);
            return created.Fault;
        }

        var seen = created.Value;
        var located = await store.Change(pool.Spec.Id, before => Locate(before, instance.Id, seen), x.Cancellation);
        if (!located.IsOk)
        {
            return located.Fault;
        }

        watcher.Watch(pool.Spec.Id, instance.Id);
        return new Created(seen.Id);
    }

    private Pool Claim(Pool pool, InstanceId id) =>
        pool.Find(id) is { IsLive: true, Node: null } instance ? pool.With(instance with { Node = node.Name }) : pool;

    private static Pool Locate(Pool pool, InstanceId id, ProviderInstance seen) => pool.Find(id) is { ProviderId: null } instance
        ? pool.With(instance with { ProviderId = seen.Id, Address = seen.Address, Port = seen.Port })
        : pool;

    private async Task<Poll<Created>> Running(StepContext<Launch> x, Created created)
    {
        if (await store.FindInstance(x.Input.Instance, x.Cancellation) is not { IsLive: true })
        {
            return Poll.Fail(NotWanted(x.Input.Instance));
        }

        var pool = await store.Find(x.Input.Pool, x.Cancellation);
        var described = await providers.Of(pool!.Spec.Location)!.Describe([created.ProviderId], x.Cancellation);
        return described switch
        {
            { IsOk: false } => Poll.NotYet(described.Fault.Message),
            { Value: [{ State: ProviderInstanceState.Pending } pending] } => Poll.NotYet(pending.Reason),
            { Value: [{ State: ProviderInstanceState.Running or ProviderInstanceState.Crashed }] } => Poll.Ready(created),
            _ => Poll.Fail($"Instance '{created.ProviderId}' was stopped while it started."),
        };
    }

    private async Task<Poll<Created>> Healthy(StepContext<Launch> x, Created created)
    {
        var instance = await store.FindInstance(x.Input.Instance, x.Cancellation);
        if (instance is not { IsLive: true })
        {
            return Poll.Fail(NotWanted(x.Input.Instance));
        }

        if (instance.WasReady)
        {
            return Poll.Ready(created);
        }

        if (clock.GetUtcNow() - instance.CreatedAt < StartPatience)
        {
            return Poll.NotYet(instance.Reason);
        }

        var problem = Fault.Unavailable($"A replica was not healthy within {StartPatience.TotalMinutes} minutes: {instance.Reason}");
        await store.Change(x.Input.Pool, pool => Changes.LaunchFailed(pool, problem, clock.GetUtcNow()), x.Cancellation);
        return Poll.Fail(problem);
    }
}
