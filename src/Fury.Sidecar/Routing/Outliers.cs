namespace Fury.Sidecar.Routing;

/// <summary>
/// Leaves endpoints out for a while that answer with errors or not at all. One that is left out is still taken when its pool has nothing better,
/// so a pool is never without an endpoint.
/// </summary>
internal static class Outliers
{
    /// <summary>Notes how an attempt has ended, and leaves the endpoint out when that was one error too many.</summary>
    public static void Note(RoutedPool pool, EndpointSlot endpoint, bool isError, long now, long ticksPerSecond)
    {
        if (pool.Rules.Outliers is not { } rules)
        {
            return;
        }

        if (!isError)
        {
            endpoint.ErrorsInRow = 0;
            return;
        }

        lock (pool.Slot.Judging)
        {
            // Requests that were under way when it was left out tell nothing new.
            if (endpoint.IsEjected(now) || ++endpoint.ErrorsInRow < rules.ConsecutiveErrors)
            {
                return;
            }

            var ejected = pool.Endpoints.Count(other => other.IsEjected(now));
            if (MayEject(pool.Endpoints.Length, ejected, rules.EjectedPercentMax))
            {
                endpoint.Ejections = now - endpoint.EjectedUntil > Ticks(rules.EjectionMax) ? 1 : endpoint.Ejections + 1;
                endpoint.ErrorsInRow = 0;
                endpoint.EjectedUntil = now + Ticks(TimeOf(rules, endpoint.Ejections));
            }
        }

        long Ticks(TimeSpan time) => (long)(time.TotalSeconds * ticksPerSecond);
    }

    /// <summary>One may always go, as long as another stays.</summary>
    public static bool MayEject(int endpoints, int ejected, int percentMax) =>
        ejected + 1 < endpoints && ejected + 1 <= Math.Max(1, endpoints * percentMax / 100);

    /// <summary>Twice as long each time.</summary>
    /// <param name="ejection">1 for the first.</param>
    public static TimeSpan TimeOf(OutlierRules rules, int ejection)
    {
        var time = rules.EjectionMin * Math.Pow(2, Math.Min(ejection - 1, 30));
        return time < rules.EjectionMax ? time : rules.EjectionMax;
    }
}
