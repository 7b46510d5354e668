using System.Collections.Concurrent;
using Fury.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Compute.Serverless.Tests.Engine;

/// <summary>
/// The leases of a host that goes on as if nothing had happened after it has lost them: each is free for others as soon as it was given, and
/// this host never hears of that.
/// </summary>
internal sealed class UnshakenLeases(ILeases real) : ILeases
{
    /// <summary>Tokens of the leases that this host takes to be its own, by their name.</summary>
    public ConcurrentDictionary<string, long> Believed { get; } = new(StringComparer.Ordinal);

    /// <summary>In place of those that are registered.</summary>
    public static void Replace(IServiceCollection services)
    {
        var real = services.Last(service => service.ServiceType == typeof(ILeases)).ImplementationType!;
        services.AddSingleton<ILeases>(provider => new UnshakenLeases((ILeases)ActivatorUtilities.CreateInstance(provider, real)));
    }

    public async Task<ILease?> TryAcquire(string name, CancellationToken cancellation)
    {
        if (await real.TryAcquire(name, cancellation) is not { } lease)
        {
            return null;
        }

        await lease.DisposeAsync();
        Believed[name] = lease.Token;
        return new Unshaken(this, name, lease.Token);
    }

    private sealed class Unshaken(UnshakenLeases leases, string name, long token) : ILease
    {
        public string Name => name;

        public long Token => token;

        public CancellationToken Lost => CancellationToken.None;

        public ValueTask DisposeAsync()
        {
            leases.Believed.TryRemove(name, out _);
            return ValueTask.CompletedTask;
        }
    }
}
