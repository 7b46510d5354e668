using Fury.Catalog.Contracts;
using Fury.Kernel;
using Fury.Sdk;
using Fury.Sdk.Drivers;
using Fury.Sdk.Moving;
using Fury.Services.Attesting;
using ServiceKind = Fury.Catalog.Contracts.ServiceKind;

namespace Fury.Services.Moves;

/// <summary>Whether a move may begin: everything that is wrong at once, before anything is changed. The move's first step looks again.</summary>
internal sealed class MoveGate(HostDrivers drivers, MoveSettings settings, TimeProvider clock) : IDisposable
{
    // One at a time: what a probe writes for a moment would look to another as if the target were not empty.
    private readonly SemaphoreSlim _probing = new(1);

    private static readonly ServiceKind[] Movable = [ServiceKind.KeyValue, ServiceKind.Objects, ServiceKind.Queue, ServiceKind.Locks, ServiceKind.Sequences];

    /// <summary>Null: it may.</summary>
    public async Task<Fault?> Look(MoveWish wish, ServiceBinding bound, CancellationToken cancellation)
    {
        var service = wish.Service;
        if (Immovable(service) is { } why)
        {
            return Kernel.Fault.Invalid(
                "kind", Word.Of(service.Kind), $"a kind whose data can be moved: {string.Join(", ", Movable.Select(Word.Of))}. {why}");
        }

        if (bound.Move is not null)
        {
            return Kernel.Fault.Conflict($"{service} is being moved already: fury service moves.");
        }

        var source = bound.Route!;
        var validation = new Validation();
        validation.Require(
            (wish.Target.Driver, wish.Target.Endpoint, wish.Target.Resource) != (source.Driver, source.Endpoint, source.Resource),
            wish.Target.Resource, "another resource than what is bound, from which the data comes", "route.resource");
        validation.Require(
            (wish.Target.Transport == ServiceRoute.Gateway) == (source.Transport == ServiceRoute.Gateway),
            wish.Target.Transport,
            $"the way that is bound ({source.Transport}): a move changes what is behind a service, a switch the way to it",
            "route.transport");
        if (source.Transport == ServiceRoute.Gateway && Kept(wish) is { } kept)
        {
            return Kernel.Fault.Conflict($"{service} is bound through the gateway. {kept}");
        }

        List<string> reasons = [];
        if (wish.Evacuate > 0)
        {
            await LookAtTarget(wish, bound, validation, reasons, cancellation);
            return Fault(service, validation, reasons);
        }

        using var slow = new CancellationTokenSource(settings.GateTimeout, clock);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(slow.Token, cancellation);
        await using var from = await Open(service, source, "source", "The source", validation, reasons, ends.Token);
        await using var to = await Open(service, wish.Target, "route", "The target", validation, reasons, ends.Token);
        if (from is not null && to is not null && validation.Fault is null)
        {
            await Alone(() => Looked(wish, bound, from, to, reasons, ends.Token), reasons, ends.Token);
        }

        return Fault(service, validation, reasons);
    }

    /// <summary>Why what the gateway's hosts stand before is not moved, and what is done instead; null when it is.</summary>
    private static string? Kept(MoveWish wish) =>
        wish.Evacuate > 0 ? "Nobody but its hosts uses the source, so a switch leaves it at once."
        : wish.Service.Kind == ServiceKind.Objects ? "Bind it directly first: its hosts do not hand objects over."
        : null;

    /// <summary>Both at once: what is wrong with the fields, and what is wrong with what they name.</summary>
    private static Fault? Fault(BoundService service, Validation validation, List<string> reasons) => (validation.Fault, reasons) switch
    {
        (null, []) => null,
        (var fields, []) => fields,
        var (fields, _) => Kernel.Fault.Conflict($"{service} is not moved. {string.Join(' ', reasons)}") with { Fields = fields?.Fields ?? [] },
    };

    /// <summary>Of an evacuation: the source may be dead, and is not asked.</summary>
    private async Task LookAtTarget(
        MoveWish wish, ServiceBinding bound, Validation validation, List<string> reasons, CancellationToken cancellation)
    {
        using var slow = new CancellationTokenSource(settings.GateTimeout, clock);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(slow.Token, cancellation);
        await using var to = await Open(wish.Service, wish.Target, "route", "The target", validation, reasons, ends.Token);
        if (to is not null && validation.Fault is null)
        {
            await Alone(() => Try("The target", to, reasons, async () =>
            {
                var attested = (await Probe.Run(to, clock, ends.Token, sendsMessages: false)).Kept;
                reasons.AddRange(Evacuation.Refusals(Order(wish, bound, attested)));
            }), reasons, ends.Token);
        }
    }

    private static MoveOrder Order(MoveWish wish, ServiceBinding bound, CapabilitySet attested) => new(
        new MoveSource(bound.Epoch, bound.Route!, bound.TokenEpoch).ToSdk(wish.Service),
        wish.Target.ToSdk(),
        [.. wish.Require.Select(name => new Capability(name))],
        attested);

    /// <summary>Why what is of a kind, or of a name, has no move, and what is done instead; null when it has one.</summary>
    private static string? Immovable(BoundService service) => service.Kind switch
    {
        ServiceKind.Queue when service.Service.Value.Contains('/', StringComparison.Ordinal) =>
            "A subscription gets what is published to its topic, so it goes where that goes: bind it to the target, then switch the topic, and read the old "
            + "one to its end as a queue of another name.",
        ServiceKind.Topic => "A topic keeps nothing: bind its subscriptions to the target, then switch it.",
        ServiceKind.Stream =>
            "The positions of a stream mean nothing elsewhere: let nobody append, let its groups read to the end, then switch it.",
        ServiceKind.Cache => "A cache is switched, and is cold then.",
        ServiceKind.Secrets or ServiceKind.Configuration => "Put it into the target, then switch.",
        _ => null,
    };

    public void Dispose() => _probing.Dispose();

    private async Task Alone(Func<Task> look, List<string> reasons, CancellationToken cancellation)
    {
        try
        {
            await _probing.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            reasons.Add("Another gate is being looked at; try again.");
            return;
        }

        try
        {
            await look();
        }
        finally
        {
            _probing.Release();
        }
    }

    private async Task Looked(MoveWish wish, ServiceBinding bound, IDriver from, IDriver to, List<string> reasons, CancellationToken cancellation)
    {
        await Try("The source", from, reasons, async () => await from.ProbeAsync(cancellation));
        await Try("The target", to, reasons, async () =>
        {
            var attested = (await Probe.Run(to, clock, cancellation, sendsMessages: false)).Kept;
            var order = Order(wish, bound, attested);
            reasons.AddRange(DataMove.Data(order, from, to, settings.Copier, clock) is { } data
                ? await data.Refusals(order, cancellation)
                : await PassMove.Refusals(order, from, to, cancellation));
        });
    }

    /// <param name="field">Where the route stands in the request; that of the source stands in the binding.</param>
    private async Task<IDriver?> Open(
        BoundService service, ServiceRoute route, string field, string what, Validation validation, List<string> reasons, CancellationToken cancellation)
    {
        if (!drivers.For(service.Kind).Contains(route.Driver))
        {
            var known = string.Join(", ", drivers.For(service.Kind));
            validation.Require(false, route.Driver, $"a driver by which the host itself reaches the provider: {known}", $"{field}.driver");
            return null;
        }

        try
        {
            return await drivers.Open(service, route, cancellation);
        }
        catch (FuryException failure)
        {
            reasons.Add($"{what} cannot be opened: {failure.Message}");
            return null;
        }
    }

    private async Task Try(string what, IDriver driver, List<string> reasons, Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (OperationCanceledException)
        {
            reasons.Add($"{what} ({driver.Provider}) does not answer within {settings.GateTimeout.TotalSeconds:0} s.");
        }
        catch (Exception error)
        {
            var failure = error as FuryException ?? driver.Translate(error);
            reasons.Add(failure.GetBaseException() is NotSupportedException
                ? failure.Message
                : $"{what} ({driver.Provider}) cannot be used: {failure.Message}");
        }
    }
}
