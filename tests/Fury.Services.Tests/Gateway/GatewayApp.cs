using Fury.Sdk;
using Fury.Sdk.Bindings;
using Fury.Sdk.Gateway;
using Fury.Sdk.Hosting;

namespace Fury.Services.Tests.Gateway;

/// <summary>An application with the whole of the SDK, whose services are behind the gateway.</summary>
internal sealed class GatewayApp(GatewayHost host) : IAsyncDisposable
{
    private readonly FuryRuntime _runtime = new(TimeProvider.System);

    /// <summary>A handle on what is bound to the service.</summary>
    public async Task<T> Open<T>(ServiceKind kind, string service, Func<IFury, T> handle)
    {
        var need = new ServiceNeed(kind, service);
        _runtime.Add(need, null);
        var binding = new ServiceBinding(service, kind, 1, new ServiceRoute(GatewayProtocol.Name, GatewayProtocol.Name, null, "local", service))
        {
            Policy = new CallPolicy
            {
                FirstRetryDelay = TimeSpan.FromMilliseconds(1),
                AttemptTimeout = TimeSpan.FromSeconds(30),
                TotalTimeout = TimeSpan.FromSeconds(60),
            },
        };
        await new Binder(host.Drivers(), TimeProvider.System, TimeSpan.FromSeconds(30)).Bind(
            _runtime.Find(kind, service)!.Channel, need, binding, CancellationToken.None);
        return handle(_runtime);
    }

    public ValueTask DisposeAsync() => _runtime.DisposeAsync();
}
