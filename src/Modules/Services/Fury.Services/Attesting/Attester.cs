using Fury.Catalog.Contracts;
using Fury.Kernel;
using Fury.Sdk;
using ServiceKind = Fury.Catalog.Contracts.ServiceKind;

namespace Fury.Services.Attesting;

/// <summary>
/// Probes by the drivers of the SDK, as this host reaches the provider: what a route's credential names is a variable of the host's own environment. What
/// is in the memory or in the folders of an application's machine is not within its reach.
/// </summary>
internal sealed class Attester(AttestationStore store, HostDrivers drivers, TimeProvider clock) : IAttester
{
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(15);

    public Task<IReadOnlyList<Attestation>> Of(ScopeRef scope, CancellationToken cancellation) => store.Of(scope, cancellation);

    public async Task<Outcome<Attestation>> Attest(
        ScopeRef scope, ServiceKind kind, ServiceName service, ServiceRoute route, CancellationToken cancellation)
    {
        var known = drivers.For(kind);
        if (!known.Contains(route.Driver))
        {
            return Fault.Invalid("route.driver", route.Driver, $"one by which this host reaches {Word.Of(kind)}: {string.Join(", ", known)}");
        }

        using var late = new CancellationTokenSource(ProbeTimeout, clock);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            var shown = await Shown(new(scope, kind, service), route, ends.Token);
            await store.Put(shown, cancellation);
            return shown;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Fault.Unavailable($"'{route.Driver}' behind {service} did not answer a probe within {ProbeTimeout.TotalSeconds} s.");
        }
        catch (FuryException failure)
        {
            return failure.Code == FuryErrorCode.InvalidArgument
                ? Fault.Invalid(failure.Message)
                : Fault.Unavailable($"'{route.Driver}' behind {service} cannot be probed from this host: {failure.Message}");
        }
    }

    private async Task<Attestation> Shown(BoundService service, ServiceRoute route, CancellationToken cancellation)
    {
        await using var driver = await drivers.Open(service, route, cancellation);
        var probe = await Probe.Run(driver, clock, cancellation);
        return new(
            service.Scope,
            service.Kind,
            service.Service,
            Attestation.FingerprintOf(route),
            probe.Kept.Levels.Where(each => each.Value != CapabilityLevel.None).ToDictionary(each => each.Key.Name, each => Word.Of(each.Value)),
            probe.Kept.Limits,
            [.. probe.Shown.Select(each => each.Name)],
            [.. probe.Refuted.Select(each => each.Name)],
            clock.GetUtcNow());
    }
}
