using Fury.Hosting;

namespace Fury.Mesh.Locations;

/// <summary>Puts on record what this host's proxies have met at each location; nothing is written while there is nothing to say.</summary>
internal sealed class LocationReconciler(LocationBook book, LocationStore store) : IReconciler
{
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);

    /// <summary>A process before this one may have left rows under the name of this host.</summary>
    private bool _hasRows = true;

    public string Name => "mesh.locations";

    public TimeSpan Period => Beat;

    public bool OncePerPlatform => false;

    public async Task Pass(long fence, CancellationToken cancellation)
    {
        var sums = book.Sum();
        if (sums.Count > 0 || _hasRows)
        {
            await store.Write(sums, cancellation);
            _hasRows = sums.Count > 0;
        }
    }
}
