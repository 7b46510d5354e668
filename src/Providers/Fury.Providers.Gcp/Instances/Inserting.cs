using Fury.Kernel;
using Fury.Providers.Clouds;
using Fury.Providers.Contracts;

namespace Fury.Providers.Gcp;

/// <summary>Asks for instances, each by a call of its own whose name and request id make it one that repeats safely.</summary>
internal sealed class Inserting(GceWire wire, GcpOptions options)
{
    private const string AlreadyExists = "alreadyExists";

    public async Task<Outcome<IReadOnlyList<ProviderInstance>>> Run(
        InstanceRequest request, InstanceType type, string userData, CancellationToken cancellation)
    {
        if (InstanceBody.WhyNot(request, userData) is { } bad)
        {
            return bad;
        }

        var names = Names(request, type).ToDictionary(name => name.ToString());
        return await Creations.All(
            [.. names.Values.Select(name => InstanceReading.Asked(name, request))],
            asked => Insert(names[asked.Id], request, type, userData, cancellation));
    }

    private IEnumerable<GceName> Names(InstanceRequest request, InstanceType type)
    {
        IReadOnlyCollection<string> pinned = options.Zones.TryGetValue(request.Region, out var named) ? [.. named.Intersect(type.Zones)] : [];
        var zones = request.Zone is { } zone ? [zone] : pinned.Count > 0 ? pinned : type.Zones;
        return Enumerable.Range(0, request.Count)
            .Select(number => new GceName(Wish.Zone(request.ClientToken, number, zones)!, Wish.Name(request.ClientToken, number)));
    }

    private async Task<Outcome<ProviderInstance>> Insert(
        GceName name, InstanceRequest request, InstanceType type, string userData, CancellationToken cancellation)
    {
        var fingerprint = Wish.Fingerprint(request);
        var id = RequestIds.Of(name.Name, name.Zone, fingerprint);
        var answer = await wire.Insert(name, InstanceBody.Of(request, type, name, userData, options), id, cancellation);
        return answer.Fault.Is(AlreadyExists) ? await Existing(name, request, fingerprint, cancellation)
            : !answer.IsOk ? answer.Fault
            : InstanceReading.Asked(name, request);
    }

    /// <summary>The name is taken: by an earlier attempt, or by another wish under the same token.</summary>
    private async Task<Outcome<ProviderInstance>> Existing(GceName name, InstanceRequest request, string fingerprint, CancellationToken cancellation)
    {
        var seen = await wire.Get(name, cancellation);
        return seen.Fault?.Kind == FaultKind.NotFound ? InstanceReading.Asked(name, request)
            : !seen.IsOk ? seen.Fault
            : seen.Value.Labels.GetValueOrDefault(Labels.Request) == fingerprint ? InstanceReading.Of(seen.Value, [])
            : Fault.Conflict($"Client token '{request.ClientToken}' is that of another request, which instance '{name}' was made for.");
    }
}
