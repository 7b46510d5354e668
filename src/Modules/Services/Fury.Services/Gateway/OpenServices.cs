using System.Collections.Concurrent;
using System.Data.Common;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Sdk;
using Fury.Sdk.Bindings;
using Fury.Sdk.Gateway;
using Fury.Sdk.Messaging;
using CatalogBinding = Fury.Catalog.Contracts.ServiceBinding;
using ServiceBinding = Fury.Sdk.Bindings.ServiceBinding;
using ServiceRoute = Fury.Catalog.Contracts.ServiceRoute;

namespace Fury.Services.Gateway;

/// <summary>The services of all scopes that instances use through this host: each has one driver at a time, as in an instance.</summary>
internal sealed class OpenServices(IServiceBindings bindings, Binder binder, TimeProvider clock) : IAsyncDisposable
{
    /// <summary>Beyond it the longest idle one is closed.</summary>
    internal const int OpenMax = 1000;

    /// <summary>Of one subscription: its instances filter by the same but while a release goes on.</summary>
    internal const int FiltersMax = 8;

    private readonly ConcurrentDictionary<OpenKey, OpenService> _open = new();

    public int Count => _open.Count;

    /// <summary>A service, for one call by a binding of this epoch. Whoever gets the visit disposes it.</summary>
    /// <exception cref="FuryException">
    /// <see cref="FuryErrorCode.StaleBinding"/> for another epoch than the one that is in force; otherwise why the service cannot be used. Nothing of the call
    /// has happened then.
    /// </exception>
    public async ValueTask<Visit> Enter(OpenKey key, long epoch, CancellationToken cancellation)
    {
        var bound = await Bound(key.Service, epoch, cancellation);
        while (true)
        {
            var service = Find(key);
            if (!service.TryUse())
            {
                // It has just been closed.
                continue;
            }

            try
            {
                return new Visit(service, bound, await service.Enter(bound, epoch, cancellation));
            }
            catch
            {
                service.Leave();
                throw;
            }
        }
    }

    /// <summary>Closes what nobody has used for so long.</summary>
    public async Task Close(TimeSpan idle)
    {
        foreach (var (key, service) in _open)
        {
            if (service.TryClose(idle))
            {
                _open.TryRemove(new(key, service));
                await service.DisposeAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _open.Values)
        {
            await service.DisposeAsync();
        }
    }

    private OpenService Find(OpenKey key)
    {
        if (_open.TryGetValue(key, out var known) && !known.IsClosed)
        {
            return known;
        }

        if (known is not null)
        {
            _open.TryRemove(new(key, known));
        }

        if (key.Filter.Length > 0 && _open.Keys.Count(each => each.Service == key.Service) >= FiltersMax)
        {
            throw GatewayLoad.Full($"filters of '{key.Service.Service}'");
        }

        if (_open.Count >= OpenMax)
        {
            var oldest = _open.Where(each => each.Value.IsIdle).OrderBy(each => each.Value.UsedAt).Select(each => each.Value).FirstOrDefault();
            if (oldest is null || !oldest.TryClose(TimeSpan.Zero))
            {
                throw GatewayLoad.Full("services in use");
            }

            _open.TryRemove(new(oldest.Key, oldest));
            _ = oldest.DisposeAsync().AsTask();
        }

        return _open.GetOrAdd(key, _ => new OpenService(key, NeedOf(key), binder, clock));
    }

    private static ServiceNeed NeedOf(OpenKey key)
    {
        try
        {
            var filter = key.Filter.Length == 0 ? [] : FilterWire.Read(key.Filter);
            var options = new QueueOptions { Filter = filter };
            MessageChecks.Queue(options);
            return new ServiceNeed(key.Service.Kind.ToSdk(), key.Service.Service.Value) { Queue = options };
        }
        catch (FormatException bad)
        {
            throw Failure.Invalid($"{GatewayProtocol.FilterHeader} cannot be read: {bad.Message}");
        }
    }

    private async ValueTask<ServiceBinding> Bound(BoundService key, long epoch, CancellationToken cancellation)
    {
        CatalogBinding? binding;
        try
        {
            binding = await bindings.Find(key.Scope, key.Kind, key.Service, epoch, cancellation);
        }
        catch (Exception error) when (error is DbException or TimeoutException or InvalidOperationException)
        {
            throw new FuryException(FuryErrorCode.Unavailable, "The gateway cannot find out what is bound, as the platform's database is away.", error)
            {
                IsTransient = true,
            };
        }

        if (binding?.Route is not { } route)
        {
            throw new FuryException(FuryErrorCode.NotBound, $"Nothing is bound to '{key.Service}' ({key.Kind}) in {key.Scope} any more.");
        }

        return binding.Epoch == epoch && route.Transport != ServiceRoute.Gateway
            ? throw new FuryException(FuryErrorCode.PermissionDenied, $"'{key.Service}' of {key.Scope} is bound without the gateway.")
            : binding.ToSdk();
    }
}

/// <summary>Closes services that instances use no more, on each host.</summary>
internal sealed class IdleServices(OpenServices services) : IReconciler
{
    private static readonly TimeSpan IdleMax = TimeSpan.FromMinutes(10);

    public string Name => "services.gateway-idle";

    public TimeSpan Period { get; } = TimeSpan.FromMinutes(1);

    public bool OncePerPlatform => false;

    public Task Pass(long fence, CancellationToken cancellation) => services.Close(IdleMax);
}
