using Fury.Kernel;
using Fury.Providers.Clouds;
using Fury.Providers.Contracts;

namespace Fury.Providers.Gcp;

/// <summary>Compute Engine as a cloud. An id is the zone and the instance's name, <c>europe-west1-b/fury-0123456789abcdef0123-0</c>.</summary>
internal sealed class GcpCloud(GceWire wire, GcpOptions options, TimeProvider clock) : ICloud
{
    private readonly Inserting _inserting = new(wire, options);
    private readonly Looking _looking = new(wire, clock);
    private readonly ZoneList _zones = new(wire, clock);

    public string Name => "gcp";

    public IReadOnlyList<string> Regions { get; } = [.. options.Regions];

    public TimeSpan Settling { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Many are looked at by lists, whose length does not depend on it.</summary>
    public int IdsMax => 1000;

    public Task<Outcome<IReadOnlyList<ProviderInstance>>> Run(
        InstanceRequest request, InstanceType type, string userData, CancellationToken cancellation) =>
        _inserting.Run(request, type, userData, cancellation);

    public Task<Outcome<IReadOnlyList<ProviderInstance>>> Describe(string region, IReadOnlyList<string> ids, CancellationToken cancellation) =>
        _looking.Describe(Parsed(region, ids), cancellation);

    public async Task<Outcome> Terminate(string region, IReadOnlyList<string> ids, CancellationToken cancellation)
    {
        var names = Parsed(region, ids);
        var deleted = await AtOnce.Each(
            names, async name => (Name: name, (await wire.Delete(name, Guid.CreateVersion7(clock.GetUtcNow()), cancellation)).Fault));
        if (deleted.FirstOrDefault(one => one.Fault is { Kind: not FaultKind.NotFound }).Fault is { } fault)
        {
            return fault;
        }

        // One that is still being made may be missing as one that is gone: only its creation's operation tells them apart, and that may have ended since.
        foreach (var zone in deleted.Where(one => one.Fault is not null).Select(one => one.Name).GroupBy(name => name.Zone, name => name.Name))
        {
            var operations = await _looking.Operations(zone.Key, [.. zone], cancellation);
            if (!operations.IsOk)
            {
                if (operations.Fault.Kind == FaultKind.NotFound)
                {
                    continue;
                }

                return operations.Fault;
            }

            if (zone.FirstOrDefault(name => InstanceReading.Made([.. operations.Value[name]]) is not null) is { } young)
            {
                return Fault.NotFound("instance yet", young);
            }
        }

        return Outcome.Ok;
    }

    public async Task<Outcome<IReadOnlyList<ProviderInstance>>> List(string region, string tag, string value, CancellationToken cancellation) =>
        await (await _zones.Of(region, cancellation)).Then(zones => _looking.List(zones, tag, value, cancellation));

    public async Task<Outcome<IReadOnlyList<InstanceType>>> Types(string region, CancellationToken cancellation)
    {
        var zones = await _zones.Of(region, cancellation);
        if (!zones.IsOk)
        {
            return zones.Fault;
        }

        var listed = await Task.WhenAll(zones.Value.Select(async zone => (Zone: zone, Types: await wire.MachineTypes(zone, cancellation))));
        return listed.FirstOrDefault(one => !one.Types.IsOk).Types.Fault is { } fault
            ? fault
            : TypeReading.Of(region, listed.SelectMany(one => one.Types.Value.Select(type => (one.Zone, type))), options);
    }

    private static List<GceName> Parsed(string region, IReadOnlyList<string> ids) =>
        [.. ids.Select(id => GceName.Parse(region, id)).OfType<GceName>()];
}
