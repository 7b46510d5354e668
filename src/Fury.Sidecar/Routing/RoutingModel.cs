using System.Collections.Immutable;
using Fury.Kernel;

namespace Fury.Sidecar.Routing;

/// <summary>A pool as requests are routed to it.</summary>
internal sealed record RoutedPool(PoolSlot Slot, int Weight, EndpointSlot[] Endpoints)
{
    public PoolRules Rules { get; init; } = PoolRules.None;

    /// <summary>Whether one more attempt may be made, which is in flight already. When it may, <see cref="Done"/> ends it.</summary>
    public bool TryTake(bool isRetry)
    {
        if (Limits.IsOverloaded(Rules.Limits, Slot.InFlight))
        {
            return false;
        }

        if (isRetry && !Limits.MayRetry(Rules.Limits, Slot.BeginRetry(), Slot.InFlight))
        {
            Slot.EndRetry();
            return false;
        }

        Slot.Begun();
        return true;
    }

    public void Done(bool isRetry)
    {
        if (isRetry)
        {
            Slot.EndRetry();
        }
    }
}

/// <summary>A scope as requests are routed to it.</summary>
internal sealed record RoutedScope(ScopeRef Scope, IReadOnlyList<string> Hosts, RoutedPool[] Pools)
{
    public TrafficRules Rules { get; init; } = TrafficRules.None;

    public LastUse? Use { get; init; }

    /// <summary>Each pool that requests may be sent to alone, by a preview or as a mirror, as a scope of its own; null for none.</summary>
    public IReadOnlyDictionary<PoolId, RoutedScope>? Alone { get; init; }
}

/// <summary>Everything a request needs to find its way. Replaced whole, never edited, so one request sees one version.</summary>
internal sealed record RoutingModel(
    long Version,
    ImmutableDictionary<string, RoutedScope> ByHost,
    ImmutableDictionary<ScopeRef, RoutedScope> ByScope)
{
    /// <summary>Before the first update: knows nothing, and says so (version 0).</summary>
    public static RoutingModel Unloaded { get; } = new(
        0,
        ImmutableDictionary.Create<string, RoutedScope>(StringComparer.OrdinalIgnoreCase),
        ImmutableDictionary<ScopeRef, RoutedScope>.Empty);

    /// <summary>
    /// The model after an update. Costs what has changed, and a logarithm of what there is. Pools and endpoints that stay keep their slots,
    /// and with them their numbers.
    /// </summary>
    public RoutingModel After(RoutingUpdate update, PoolSlots slots)
    {
        var from = update.Whole ? Unloaded : this;
        var byHost = from.ByHost.ToBuilder();
        var byScope = from.ByScope.ToBuilder();
        foreach (var gone in update.Gone.Concat(update.Scopes.Select(routes => routes.Scope)))
        {
            if (byScope.Remove(gone, out var before))
            {
                byHost.RemoveRange(before.Hosts);
            }
        }

        foreach (var routes in update.Scopes)
        {
            var scope = Routed(routes, slots);
            byScope[routes.Scope] = scope;
            foreach (var host in routes.Hosts)
            {
                byHost[host] = scope;
            }
        }

        return new(update.Version, byHost.ToImmutable(), byScope.ToImmutable());
    }

    private static RoutedScope Routed(ScopeRoutes routes, PoolSlots slots)
    {
        var scope = new RoutedScope(routes.Scope, routes.Hosts, [.. routes.Pools.Select(pool => Routed(pool, routes.IsSplit, slots))])
        {
            Rules = routes.Rules,
            Use = routes.Use,
        };
        if (routes.Rules.Previews.Count == 0 && routes.Rules.Mirror is null)
        {
            return scope;
        }

        var alone = from pool in scope.Pools
                    where routes.Rules.Previews.Contains(pool.Slot.Id) || routes.Rules.Mirror?.Pool == pool.Slot.Id
                    select scope with { Pools = [pool] };
        return scope with { Alone = alone.ToDictionary(one => one.Pools[0].Slot.Id) };
    }

    private static RoutedPool Routed(WeightedPool pool, bool isSplit, PoolSlots slots)
    {
        var slot = slots.Of(pool.Pool);
        foreach (var gone in slot.Endpoints.Keys.Except(pool.Endpoints).ToList())
        {
            slot.Endpoints.Remove(gone);
        }

        var endpoints = new EndpointSlot[pool.Endpoints.Count];
        for (var index = 0; index < endpoints.Length; index++)
        {
            var endpoint = pool.Endpoints[index];
            if (!slot.Endpoints.TryGetValue(endpoint, out endpoints[index]!))
            {
                slot.Endpoints[endpoint] = endpoints[index] = slot.SlotOf(endpoint);
            }
        }

        slot.CountReplicas(endpoints, isSplit);
        return new(slot, pool.Weight, endpoints) { Rules = pool.Rules };
    }
}
