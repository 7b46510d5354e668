using Fury.Compute.Standard.Launching;
using Fury.Hosting;

namespace Fury.Compute.Standard.Health;

/// <summary>
/// Which regions of clouds this host looks after: each is one host's at a time, by a lease, so that an instance is checked once and not by every host, and
/// goes on being checked when its host dies.
/// </summary>
internal sealed class Regions(ILeases leases) : IAsyncDisposable
{
    private readonly Dictionary<string, ILease> _held = [];

    /// <summary>Takes what is free; whether the region is this host's now.</summary>
    public async Task<bool> Take(Site site, CancellationToken cancellation)
    {
        var name = $"standard.instances/{site.Provider.Name}/{site.Region}";
        ILease? lost;
        lock (_held)
        {
            if (_held.TryGetValue(name, out var held) && held.IsHeld)
            {
                return true;
            }

            _held.Remove(name, out lost);
        }

        await (lost?.DisposeAsync() ?? ValueTask.CompletedTask);
        if (await leases.TryAcquire(name, cancellation) is not { } lease)
        {
            return false;
        }

        lock (_held)
        {
            _held[name] = lease;
        }

        return true;
    }

    public async ValueTask DisposeAsync()
    {
        List<ILease> held;
        lock (_held)
        {
            held = [.. _held.Values];
            _held.Clear();
        }

        foreach (var lease in held)
        {
            await lease.DisposeAsync();
        }
    }
}
