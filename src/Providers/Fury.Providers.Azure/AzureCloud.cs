using Fury.Kernel;
using Fury.Providers.Clouds;
using Fury.Providers.Contracts;

namespace Fury.Providers.Azure;

/// <summary>Azure's virtual machines as a cloud. An id is the machine's name, which is its own in the resource group.</summary>
internal sealed class AzureCloud(VmWire wire, AzureOptions options, TimeProvider clock) : ICloud
{
    private const int NameLengthMax = 64;

    private readonly Looking _looking = new(wire, options, clock);

    public string Name => "azure";

    public IReadOnlyList<string> Regions { get; } = [.. options.Regions];

    public TimeSpan Settling { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Many are looked at by lists, whose length does not depend on it.</summary>
    public int IdsMax => 1000;

    public async Task<Outcome<IReadOnlyList<ProviderInstance>>> Run(
        InstanceRequest request, InstanceType type, string userData, CancellationToken cancellation)
    {
        if (VmBody.WhyNot(request, userData, options) is { } bad)
        {
            return bad;
        }

        var zones = request.Zone is { } zone ? [zone] : type.Zones;
        return await Creations.All(
            [
                .. Enumerable.Range(0, request.Count).Select(number => VmReading.Asked(
                    Wish.Name(request.ClientToken, number), Wish.Zone(request.ClientToken, number, zones), request)),
            ],
            asked => Create(asked, request, type, userData, cancellation));
    }

    public Task<Outcome<IReadOnlyList<ProviderInstance>>> Describe(string region, IReadOnlyList<string> ids, CancellationToken cancellation) =>
        _looking.Describe(region, [.. ids.Where(IsName)], cancellation);

    public async Task<Outcome> Terminate(string region, IReadOnlyList<string> ids, CancellationToken cancellation)
    {
        var deleted = await AtOnce.Each([.. ids.Where(IsName)], name => wire.Delete(name, cancellation));
        return deleted.FirstOrDefault(one => one.Fault is { Kind: not FaultKind.NotFound }).Fault is { } fault ? fault : Outcome.Ok;
    }

    public Task<Outcome<IReadOnlyList<ProviderInstance>>> List(string region, string tag, string value, CancellationToken cancellation) =>
        _looking.List(region, tag, value, cancellation);

    public async Task<Outcome<IReadOnlyList<InstanceType>>> Types(string region, CancellationToken cancellation)
    {
        var listed = await wire.Skus(region, cancellation);
        return listed.IsOk ? SizeReading.Of(region, listed.Value, options) : listed.Fault;
    }

    private static bool IsName(string id) =>
        id.Length is > 0 and <= NameLengthMax && id.All(sign => char.IsAsciiLetterOrDigit(sign) || sign == '-');

    private async Task<Outcome<ProviderInstance>> Create(
        ProviderInstance asked, InstanceRequest request, InstanceType type, string userData, CancellationToken cancellation)
    {
        var made = await wire.Create(asked.Id, VmBody.Of(request, type, asked.Id, asked.Zone, userData, options), cancellation);
        return made.IsOk ? asked
            : !made.Fault.Is(FaultKind.Stale) ? made.Fault
            : await Existing(asked, request, cancellation);
    }

    /// <summary>The name is taken: by an earlier attempt, or by another wish under the same token.</summary>
    private async Task<Outcome<ProviderInstance>> Existing(ProviderInstance asked, InstanceRequest request, CancellationToken cancellation)
    {
        var seen = await wire.Get(asked.Id, cancellation);
        return seen.Fault.Is(FaultKind.NotFound) ? asked
            : !seen.IsOk ? seen.Fault
            : VmReading.Tag(seen.Value, VmBody.RequestTag) == Wish.Fingerprint(request)
                ? VmReading.Of(seen.Value, seen.Value.Properties.InstanceView ?? new(), null)
            : Fault.Conflict($"Client token '{request.ClientToken}' is that of another request, which instance '{asked.Id}' was made for.");
    }
}
