using Fury.Sdk.Checks;
using Fury.Sdk.Drivers;
using Fury.Sdk.Moving;

namespace Fury.Sdk.Bindings;

/// <summary>
/// Puts what a binding names behind a service: opens it, holds it against the need, probes it, and only then lets it take the place of what was
/// there. Whatever fails before leaves the old one as it is.
/// </summary>
internal sealed class Binder(IEnumerable<IDriverFactory> factories, TimeProvider clock, TimeSpan drainTimeout)
{
    private readonly Dictionary<(ServiceKind Kind, string Driver), IDriverFactory> _factories =
        factories.GroupBy(each => (each.Kind, each.Provider)).ToDictionary(each => each.Key, each => each.Last());

    /// <summary>When it returns, calls go to the new driver; the task within is done when the old one is gone.</summary>
    public async Task<Task> Bind(IServiceChannel channel, ServiceNeed need, ServiceBinding binding, CancellationToken cancellation)
    {
        if (binding.Epoch <= channel.Binding.Epoch)
        {
            throw new FuryException(
                FuryErrorCode.StaleBinding,
                $"The binding of '{binding.Service}' is of epoch {binding.Epoch}, and that of epoch {channel.Binding.Epoch} is in force.");
        }

        ServiceRoute[] routes = binding.Move is { } move ? [binding.Route, move.Target] : [binding.Route];
        if (need.Regions.Count > 0 && routes.FirstOrDefault(route => !need.Regions.Contains(route.Region)) is { } elsewhere)
        {
            throw new FuryException(
                FuryErrorCode.ResidencyDenied,
                $"'{binding.Service}' may be in {string.Join(", ", need.Regions)}; the binding names {Check.Show(elsewhere.Region)}.");
        }

        var driver = binding.Move is null
            ? await Open(binding, binding.Route, need, cancellation)
            : await MovingDrivers.Open(binding, clock, route => Open(binding, route, need, cancellation));
        try
        {
            if ((binding.Attested ?? driver.Declared).Missing(need.Required) is { Count: > 0 } missing)
            {
                throw new FuryException(
                    FuryErrorCode.CapabilityNotSupported,
                    $"'{binding.Service}' requires {string.Join(", ", missing)}, which '{binding.Route.Driver}' was not attested to have.");
            }

            await driver.ProbeAsync(cancellation);
            var policy = need.HedgedAfter is { } after ? binding.Policy with { HedgeAfter = after } : binding.Policy;
            return channel.Switch(driver, binding with { Policy = policy }, drainTimeout);
        }
        catch (Exception error)
        {
            await driver.DisposeAsync();
            throw error is FuryException or OperationCanceledException ? error : driver.Translate(error);
        }
    }

    private async Task<IDriver> Open(ServiceBinding binding, ServiceRoute route, ServiceNeed need, CancellationToken cancellation)
    {
        if (!_factories.TryGetValue((binding.Kind, route.Driver), out var factory))
        {
            var known = _factories.Keys.Where(each => each.Kind == binding.Kind).Select(each => each.Driver).Order();
            throw new FuryException(
                FuryErrorCode.NotBound,
                $"'{binding.Service}' is bound to the driver {Check.Show(route.Driver)}; for {binding.Kind} there are {string.Join(", ", known)}.");
        }

        var context = new DriverContext(binding.Service, MovingDrivers.OfDriver(route), clock) { Epoch = binding.Epoch, Filter = need.Queue.Filter };
        return MovingDrivers.AfterMove(route, await factory.OpenAsync(context, cancellation));
    }
}
