using Fury.Kernel;
using Fury.Providers.Clouds;
using Fury.Providers.Contracts;

namespace Fury.Providers.Azure;

/// <summary>
/// Finds instances. Azure has what they do now, and their addresses, elsewhere: few are looked at one by one, many by three lists that are joined here. The
/// lists are of all regions, so regions that are looked at together share them.
/// </summary>
internal sealed class Looking(VmWire wire, AzureOptions options, TimeProvider clock)
{
    /// <summary>So many are cheaper one by one.</summary>
    private const int FewMax = 8;

    private readonly Shared<List<AzureVm>> _list = new(wire.List, clock);
    private readonly Shared<List<AzureVm>> _statuses = new(wire.Statuses, clock);
    private readonly Shared<List<AzureNic>> _nics = new(wire.Nics, clock);

    public async Task<Outcome<IReadOnlyList<ProviderInstance>>> Describe(string region, IReadOnlyCollection<string> names, CancellationToken cancellation)
    {
        if (names.Count <= FewMax)
        {
            return await Each(region, names, cancellation);
        }

        // All at once: together they take as long as the longest.
        var (asked, askedNow) = (_list.Ask(cancellation), Now(cancellation));
        var (listed, now) = (await asked, await askedNow);
        if (!listed.IsOk || !now.IsOk)
        {
            return (listed.Fault ?? now.Fault)!;
        }

        // What a list does not have is looked at: it may have been made after the list.
        var wanted = names.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var found = listed.Value.Where(vm => wanted.Contains(vm.Name) && IsIn(vm, region)).DistinctBy(vm => vm.Name).ToList();
        var known = await Complete(found, now.Value, cancellation);
        var missing = await Each(region, [.. wanted.Except(found.Select(vm => vm.Name), StringComparer.OrdinalIgnoreCase)], cancellation);
        return !known.IsOk ? known.Fault : !missing.IsOk ? missing.Fault : known.Value.Concat(missing.Value).ToList();
    }

    public async Task<Outcome<IReadOnlyList<ProviderInstance>>> List(string region, string tag, string value, CancellationToken cancellation)
    {
        var listed = await _list.Ask(cancellation);
        if (!listed.IsOk)
        {
            return listed.Fault;
        }

        var found = listed.Value.Where(vm => IsIn(vm, region) && VmReading.Tag(vm, tag) == value).DistinctBy(vm => vm.Name).ToList();
        return found.Count <= FewMax
            ? await Each(region, [.. found.Select(vm => vm.Name)], cancellation)
            : await (await Now(cancellation)).Then(now => Complete(found, now, cancellation));
    }

    private static Outcome<IReadOnlyList<ProviderInstance>> Together(Outcome<ProviderInstance?>[] seen) =>
        seen.FirstOrDefault(one => !one.IsOk).Fault is { } fault ? fault : seen.Select(one => one.Value).OfType<ProviderInstance>().ToList();

    private static bool IsIn(AzureVm vm, string region) =>
        vm.Location.Replace(" ", "", StringComparison.Ordinal).Equals(region, StringComparison.OrdinalIgnoreCase);

    /// <summary>What all do now, and where they are.</summary>
    private async Task<Outcome<State>> Now(CancellationToken cancellation)
    {
        var (asked, askedNics) = (_statuses.Ask(cancellation), _nics.Ask(cancellation));
        var (statuses, nics) = (await asked, await askedNics);
        return !statuses.IsOk || !nics.IsOk
            ? (statuses.Fault ?? nics.Fault)!
            : new State(
                statuses.Value.DistinctBy(vm => vm.Id, StringComparer.OrdinalIgnoreCase)
                    .ToDictionary(vm => vm.Id, vm => vm.Properties.InstanceView, StringComparer.OrdinalIgnoreCase),
                nics.Value.Where(nic => nic.Properties.VirtualMachine is not null)
                    .ToLookup(nic => nic.Properties.VirtualMachine!.Id, AddressOf, StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>Those that were found in a list, with what they do now.</summary>
    private async Task<Outcome<IReadOnlyList<ProviderInstance>>> Complete(List<AzureVm> found, State now, CancellationToken cancellation) =>
        Together(await AtOnce.Each(found, vm =>
            Read(vm, now.Views.GetValueOrDefault(vm.Id) ?? new(), now.Addresses[vm.Id].FirstOrDefault(), cancellation)));

    private async Task<Outcome<IReadOnlyList<ProviderInstance>>> Each(string region, IReadOnlyCollection<string> names, CancellationToken cancellation) =>
        Together(await AtOnce.Each(names, async name =>
        {
            var seen = await wire.Get(name, cancellation);
            if (!seen.IsOk)
            {
                return seen.Fault.Is(FaultKind.NotFound) ? (ProviderInstance?)null : seen.Fault;
            }

            if (!IsIn(seen.Value, region))
            {
                return (ProviderInstance?)null;
            }

            var address = await Address(seen.Value, cancellation);
            return address.IsOk
                ? await Read(seen.Value, seen.Value.Properties.InstanceView ?? new(), address.Value, cancellation)
                : address.Fault;
        }));

    /// <summary>Null where it has no interface (any more, or yet).</summary>
    private async Task<Outcome<string?>> Address(AzureVm vm, CancellationToken cancellation)
    {
        if (vm.Properties.NetworkProfile.NetworkInterfaces is not [var first, ..])
        {
            return (string?)null;
        }

        var nic = await wire.GetNic(first.Id, cancellation);
        return nic.IsOk ? AddressOf(nic.Value) : nic.Fault.Is(FaultKind.NotFound) ? (string?)null : nic.Fault;
    }

    /// <summary>One that stopped by itself is deleted once it has been so for long enough. Not having done so fails nothing: the next look does.</summary>
    private async Task<Outcome<ProviderInstance?>> Read(AzureVm vm, AzureInstanceView view, string? address, CancellationToken cancellation)
    {
        var instance = VmReading.Of(vm, view, address);
        if (instance.State == ProviderInstanceState.Stopped && VmReading.Tag(vm, VmBody.RequestTag) is not null
            && VmReading.Since(view) is { } since && clock.GetUtcNow() - since >= options.StoppedKept)
        {
            await wire.Delete(vm.Name, cancellation);
        }

        return instance;
    }

    private static string? AddressOf(AzureNic nic) =>
        nic.Properties.IpConfigurations is [{ Properties.PrivateIPAddress: { Length: > 0 } address }, ..] ? address : null;

    /// <param name="Views">By the machine's id, as <paramref name="Addresses"/>.</param>
    private sealed record State(IReadOnlyDictionary<string, AzureInstanceView?> Views, ILookup<string, string?> Addresses);
}
