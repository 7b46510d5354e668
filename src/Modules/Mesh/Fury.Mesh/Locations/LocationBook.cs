using Fury.Compute.Contracts;
using Fury.Mesh.Proxies;

namespace Fury.Mesh.Locations;

/// <summary>What this host's proxies have met at each location within <see cref="IDataPlane.Window"/>.</summary>
internal sealed class LocationBook(TimeProvider clock)
{
    /// <summary>Reports of more are left out: proxies choose the names, and there are fewer clusters.</summary>
    public const int LocationsMax = 5_000;

    /// <summary>Parts of the window; what is older than the window goes a part at a time.</summary>
    private const int Parts = 12;

    private readonly Lock _gate = new();
    private readonly Dictionary<Location, Part[]> _locations = [];

    private static TimeSpan PartOfWindow { get; } = IDataPlane.Window / Parts;

    public void Add(IReadOnlyList<LocationLoad> loads)
    {
        if (loads.Count == 0)
        {
            return;
        }

        var now = Now();
        lock (_gate)
        {
            foreach (var load in loads)
            {
                if (!_locations.TryGetValue(load.Location, out var parts))
                {
                    if (_locations.Count >= LocationsMax)
                    {
                        continue;
                    }

                    _locations[load.Location] = parts = new Part[Parts];
                }

                ref var part = ref parts[now % Parts];
                var (reached, failed) = part.At == now ? (part.Reached, part.Failed) : default;
                part = new(now, reached + load.Reached, failed + load.Failed);
            }
        }
    }

    /// <summary>Locations with something in the window; the others are forgotten.</summary>
    public IReadOnlyList<LocationLoad> Sum()
    {
        var oldest = Now() - Parts + 1;
        lock (_gate)
        {
            List<LocationLoad> sums = [];
            foreach (var (location, parts) in _locations)
            {
                var recent = Array.FindAll(parts, part => part.At >= oldest);
                var sum = new LocationLoad(location, recent.Sum(part => part.Reached), recent.Sum(part => part.Failed));
                if (sum.Reached + sum.Failed > 0)
                {
                    sums.Add(sum);
                }
                else
                {
                    _locations.Remove(location);
                }
            }

            return sums;
        }
    }

    /// <summary>The number of the part of the window that is now; never 0, which an empty part has.</summary>
    private long Now() => (long)(clock.GetElapsedTime(0) / PartOfWindow) + Parts;

    private readonly record struct Part(long At, long Reached, long Failed);
}
