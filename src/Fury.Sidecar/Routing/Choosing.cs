namespace Fury.Sidecar.Routing;

/// <summary>Where an attempt goes.</summary>
internal readonly record struct Choice(RoutedPool Pool, EndpointSlot Endpoint);

/// <summary>The decision which pool and which endpoint a request is sent to. Pure: chance and time are given.</summary>
internal static class Choosing
{
    /// <summary>
    /// By weight among the pools that have an endpoint left to try; when no pool with weight has one, any pool of weight 0 that has.
    /// Null when nothing is left.
    /// </summary>
    /// <param name="tried">Endpoints that this request has tried in vain.</param>
    /// <param name="stay">The pool to stay in while it has an endpoint that was not tried; null to draw a pool.</param>
    /// <param name="leave">The pool to go to only when no other has an endpoint left; null for none.</param>
    /// <param name="now">The clock's timestamp, for endpoints that are set aside.</param>
    /// <param name="key">Within a pool, requests with the same key go to the same endpoint while it is there.</param>
    public static Choice? Choose(
        RoutedScope scope, IReadOnlyList<EndpointSlot> tried, PoolSlot? stay, PoolSlot? leave, long now, Random random, ulong? key = null)
    {
        if (stay is not null
            && Array.Find(scope.Pools, pool => pool.Slot == stay) is { } same
            && Endpoint(same, tried, now, random, key) is { } other)
        {
            return new(same, other);
        }

        return Draw(scope, tried, leave, now, random, key) ?? (leave is null ? null : Draw(scope, tried, null, now, random, key));
    }

    private static Choice? Draw(
        RoutedScope scope, IReadOnlyList<EndpointSlot> tried, PoolSlot? leave, long now, Random random, ulong? key)
    {
        var (weight, spares) = (0, 0);
        foreach (var pool in scope.Pools)
        {
            if (IsOpen(pool, tried, leave))
            {
                weight += pool.Weight;
                spares += pool.Weight == 0 ? 1 : 0;
            }
        }

        var draw = weight > 0 ? random.Next(weight) : spares > 0 ? random.Next(spares) : -1;
        foreach (var pool in scope.Pools)
        {
            // With weight, a pool of weight 0 takes no step here; without, each spare pool takes one.
            var step = weight > 0 ? pool.Weight : 1;
            if (step == 0 || draw < 0 || !IsOpen(pool, tried, leave))
            {
                continue;
            }

            draw -= step;
            if (draw < 0)
            {
                return new(pool, Endpoint(pool, tried, now, random, key)!);
            }
        }

        return null;
    }

    private static bool IsOpen(RoutedPool pool, IReadOnlyList<EndpointSlot> tried, PoolSlot? leave) =>
        pool.Slot != leave
        && pool.Endpoints.Length > 0
        && (tried.Count == 0 || !Array.TrueForAll(pool.Endpoints, tried.Contains));

    /// <summary>
    /// With a key always the same one; else the less busy of two that are drawn (power of two choices). One that is set aside is taken only
    /// when nothing else was left untried, so setting aside never empties a pool. Null when all were tried.
    /// </summary>
    private static EndpointSlot? Endpoint(RoutedPool pool, IReadOnlyList<EndpointSlot> tried, long now, Random random, ulong? key)
    {
        var all = pool.Endpoints;
        if (all.Length == 0)
        {
            return null;
        }

        if (key is { } same)
        {
            return Kept(Usable) ?? Kept(Untried);
        }

        var first = random.Next(all.Length);
        var second = all.Length == 1 ? first : (first + 1 + random.Next(all.Length - 1)) % all.Length;
        var one = Usable(all[first]);
        var two = Usable(all[second]);
        return LessBusy(one, two) ?? Best(Usable) ?? Best(Untried);

        EndpointSlot? Untried(EndpointSlot endpoint) => tried.Contains(endpoint) ? null : endpoint;

        EndpointSlot? Usable(EndpointSlot endpoint) => endpoint.IsSetAside(now) ? null : Untried(endpoint);

        EndpointSlot? Kept(Func<EndpointSlot, EndpointSlot?> filter) => all
            .Where(endpoint => filter(endpoint) is not null)
            .MaxBy(endpoint => Rendezvous.Score(same, endpoint.Hash));

        EndpointSlot? Best(Func<EndpointSlot, EndpointSlot?> filter)
        {
            EndpointSlot? best = null;
            foreach (var endpoint in all)
            {
                best = LessBusy(best, filter(endpoint));
            }

            return best;
        }
    }

    private static EndpointSlot? LessBusy(EndpointSlot? one, EndpointSlot? two) =>
        one is null ? two : two is null || one.InFlight <= two.InFlight ? one : two;
}
