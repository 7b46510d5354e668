using Fury.Mesh.Contracts;

namespace Fury.Mesh.Proxies;

/// <summary>Waits until every live proxy, here and on other hosts, has applied a version.</summary>
internal sealed class ConvergenceWatch(ProxyRoster roster, ProxiesElsewhere elsewhere, TimeProvider clock)
{
    /// <summary>How often other hosts' proxies are looked at while somebody waits for them; those of this host tell at once.</summary>
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(100);

    public async Task<Convergence> Wait(long version, TimeSpan patience, CancellationToken cancellation)
    {
        var begun = clock.GetTimestamp();
        while (true)
        {
            var moved = roster.Moved;
            var (live, silent) = roster.Behind(version);
            var left = patience - clock.GetElapsedTime(begun);

            // The others are asked once nobody here is behind, or when time is up.
            if (live.Count == 0 || left <= TimeSpan.Zero)
            {
                var others = (await elsewhere.Read(cancellation))
                    .Where(proxy => proxy.State.AppliedVersion < version)
                    .ToLookup(proxy => proxy.Live);
                var found = new Convergence(version, [.. live, .. others[true].Select(proxy => proxy.State)])
                {
                    Lost = [.. silent, .. others[false].Select(proxy => proxy.State)],
                };
                left = patience - clock.GetElapsedTime(begun);
                if (found.Done || left <= TimeSpan.Zero)
                {
                    MeshMetrics.ConvergenceMs.Record(clock.GetElapsedTime(begun).TotalMilliseconds);
                    return found;
                }
            }

            var pause = left < LookPeriod ? left : LookPeriod;
            await moved.WaitAsync(pause, clock, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellation.ThrowIfCancellationRequested();
        }
    }
}
