using Fury.Kernel;

namespace Fury.Sidecar.Routing;

/// <summary>The data plane in this process: an update is a new model that is swapped in.</summary>
internal sealed class LivePlane(LiveRoutes routes, PoolSlots slots, Holds holds, TimeProvider clock) : IDataPlane
{
    public ValueTask Apply(RoutingUpdate update, CancellationToken cancellation)
    {
        var before = routes.Current;
        var next = before.After(update, slots);
        routes.Swap(next);
        NoteWhoLeft(before, next, update);
        holds.Release(Touched(before, next, update));
        return ValueTask.CompletedTask;
    }

    public ValueTask<TrafficNews> Read(IReadOnlyDictionary<PoolId, PoolTraffic> reported, CancellationToken cancellation)
    {
        List<PoolTraffic> moved = [];
        List<PoolId> forgotten = [];
        foreach (var slot in slots.All)
        {
            if (slot.HasMoved(reported.GetValueOrDefault(slot.Id)))
            {
                moved.Add(slot.Read());
            }
            else if (slot.LeftAt is { } left && clock.GetElapsedTime(left) > PoolSlots.KeptAfterLeaving)
            {
                slots.Forget(slot.Id);
                forgotten.Add(slot.Id);
            }
        }

        return ValueTask.FromResult(new TrafficNews(moved, forgotten));
    }

    public Task Urgent(CancellationToken cancellation) => holds.Begun(cancellation);

    private static IEnumerable<ScopeRef> Touched(RoutingModel before, RoutingModel next, RoutingUpdate update) =>
        update.Whole ? before.ByScope.Keys.Union(next.ByScope.Keys) : update.Gone.Concat(update.Scopes.Select(scope => scope.Scope));

    private void NoteWhoLeft(RoutingModel before, RoutingModel next, RoutingUpdate update)
    {
        foreach (var scope in Touched(before, next, update))
        {
            foreach (var pool in before.ByScope.GetValueOrDefault(scope)?.Pools ?? [])
            {
                pool.Slot.LeftAt = clock.GetTimestamp();
            }

            foreach (var pool in next.ByScope.GetValueOrDefault(scope)?.Pools ?? [])
            {
                pool.Slot.LeftAt = null;
            }
        }
    }
}
