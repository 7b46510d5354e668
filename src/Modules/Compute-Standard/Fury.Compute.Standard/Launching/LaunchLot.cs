using Fury.Compute.Standard.Health;
using Fury.Compute.Standard.Placing;
using Fury.Compute.Standard.Pools;
using Fury.Hosting;
using Fury.Kernel;
using Fury.LittleMonster;
using Fury.Providers.Contracts;
using Microsoft.Extensions.Options;

namespace Fury.Compute.Standard.Launching;

/// <summary>Which instances, where: decided and on record before the saga began. All of them are asked for in one request.</summary>
/// <param name="Lot">The client token.</param>
internal sealed record Launch(PoolId Pool, Guid Lot, Place Place, IReadOnlyList<InstanceId> Instances);

/// <summary>How many the provider has given.</summary>
internal sealed record Given(int Count);

/// <summary>
/// Brings the replicas of a lot up: asks for the instances, waits until each is healthy or given up. What the provider has not given, and what does not get
/// healthy, is left to the reconciler, which asks for as many elsewhere. Undone, it leaves nothing of the lot at the provider.
/// </summary>
internal sealed class LaunchLot(
    IPoolStore store,
    IOutageStore outages,
    InstanceProviders providers,
    Removal removal,
    IInstanceWatcher watcher,
    INode node,
    WorkloadIdentity identity,
    IOptions<StandardOptions> options,
    TimeProvider clock) : Saga<Launch>
{
    /// <summary>
    /// Far beyond the patience with an instance, which is counted here: a saga that slept through an outage must look before it gives up
    /// an instance that serves by now.
    /// </summary>
    private static readonly TimeSpan SagaPatience = TimeSpan.FromDays(1);

    /// <summary>Only a safety net, with pauses that grow: the saga is nudged when something has happened.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PollIntervalMax = TimeSpan.FromSeconds(15);

    /// <summary>The reconciler has the long patience; a saga that fails soon tells the pool's problem soon.</summary>
    private static readonly Retry CreateRetry = Retry.Backoff(3, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2));

    protected override void Define(SagaBuilder<Launch> saga)
    {
        saga.Name("standard.launch-lot").Version(1).Key(input => input.Lot.ToString()).Deadline(SagaPatience);
        saga.Step<Given>("create", Effect.Token, Create, x => removal.RemoveLot(x.Input, x.Cancellation), retry: CreateRetry, undoRetry: Removal.Retry);
        saga.Poll<int>("healthy", Healthy, PollInterval, SagaPatience, PollIntervalMax);
    }

    private async Task<Outcome<Given>> Create(StepContext<Launch> x)
    {
        var claimed = await store.Change(x.Input.Pool, pool => Claim(pool, x.Input), x.Cancellation);
        if (!claimed.IsOk)
        {
            return claimed.Fault;
        }

        var pool = claimed.Value;
        var lot = pool.Lot(x.Input.Lot).ToList();
        if (!lot.Any(instance => instance.IsLive))
        {
            return Fault.Conflict($"No instance of lot '{x.Input.Lot}' is wanted any more.");
        }

        if (lot.FirstOrDefault(instance => instance.Node is { } other && other != node.Name) is { } elsewhere)
        {
            // Its provider may be one that only that host can see; asking here as well could make a second one.
            return Fault.Unavailable($"Lot '{x.Input.Lot}' is being launched by host '{elsewhere.Node}'.");
        }

        var created = providers.Of(x.Input.Place) is { } provider
            ? await provider.Create(InstanceTags.Request(pool.Spec, x.Input, identity), x.Cancellation)
            : Fault.Unavailable($"No provider '{x.Input.Place.Provider}' is there on this host.");
        if (!created.IsOk)
        {
            return await Refused(x, created.Fault);
        }

        if (created.Value.Count < x.Input.Instances.Count)
        {
            await outages.Note(x.Input.Place, $"It gave {created.Value.Count} of {x.Input.Instances.Count}.", x.Cancellation);
        }

        var located = await store.Change(pool.Spec.Id, before => Changes.Given(before, x.Input.Lot, created.Value), x.Cancellation);
        if (!located.IsOk)
        {
            return located.Fault;
        }

        watcher.Watch(pool.Spec.Id, [.. located.Value.Lot(x.Input.Lot).Select(instance => instance.Id)]);
        return new Given(created.Value.Count);
    }

    private async Task<Outcome<Given>> Refused(StepContext<Launch> x, Fault fault)
    {
        if (fault.Kind != FaultKind.Exhausted || providers.Of(x.Input.Place) is { IsShared: false })
        {
            await store.Change(x.Input.Pool, before => Changes.LaunchFailed(before, fault, clock.GetUtcNow()), x.Cancellation);
            return fault;
        }

        // Asking the same place again is of no use, and another may have some at once.
        var place = fault.Facts.GetValueOrDefault(Limits.Fact) == Limits.Quota ? x.Input.Place.WholeRegion() : x.Input.Place;
        await outages.Note(place, fault.Message, x.Cancellation);
        await store.Change(x.Input.Pool, before => Changes.Troubled(before, fault), x.Cancellation);
        return Fault.Conflict(fault.Message);
    }

    private Pool Claim(Pool pool, Launch lot) => providers.Of(lot.Place) is { IsShared: false }
        ? pool with
        {
            Instances =
            [
                .. pool.Instances.Select(instance =>
                    instance.Lot == lot.Lot && instance is { IsLive: true, Node: null } ? instance with { Node = node.Name } : instance),
            ],
        }
        : pool;

    /// <summary>How many have got healthy, once all have or are given up.</summary>
    private async Task<Poll<int>> Healthy(StepContext<Launch> x)
    {
        var lot = await store.FindLot(x.Input.Lot, x.Cancellation);
        var waiting = lot.Where(instance => instance is { IsLive: true, WasReady: false }).ToList();
        if (waiting.Count == 0)
        {
            return Poll.Ready(lot.Count(instance => instance.WasReady));
        }

        if (clock.GetUtcNow() - waiting[0].CreatedAt < options.Value.StartPatience)
        {
            return Poll.NotYet(waiting[0].Reason);
        }

        await store.Change(x.Input.Pool, pool => GiveUp(pool, waiting), x.Cancellation);
        return Poll.NotYet($"{waiting.Count} were not healthy in time and are given up.");
    }

    private Pool GiveUp(Pool pool, List<Instance> waiting)
    {
        var now = clock.GetUtcNow();
        var problem = Fault.Unavailable(
            $"A replica was not healthy within {options.Value.StartPatience.TotalMinutes} minutes: {waiting[0].Reason}");
        var ids = waiting.Select(instance => instance.Id).ToHashSet();
        return Changes.LaunchFailed(pool, problem, now) with
        {
            Instances =
            [
                .. pool.Instances.Select(instance => ids.Contains(instance.Id) && !instance.WasReady ? Changes.Stop(instance, now) : instance),
            ],
        };
    }
}
