using Fury.Kernel;
using Fury.Providers.Clouds;
using Fury.Providers.Contracts;

namespace Fury.Providers.Gcp;

/// <summary>
/// Finds instances, and what has become of those that are missing. Compute Engine tells of a failed creation, and of why an instance has ended, in no
/// instance but in the operations of its zone.
/// </summary>
internal sealed class Looking(GceWire wire, TimeProvider clock)
{
    /// <summary>As many names as make a filter of a length that none minds. Where a zone has more, all of Fury's there are listed: fewer calls.</summary>
    private const int NamesMax = 50;

    public async Task<Outcome<IReadOnlyList<ProviderInstance>>> Describe(IReadOnlyList<GceName> names, CancellationToken cancellation) =>
        Together(await Task.WhenAll(names.GroupBy(name => name.Zone).Select(zone => Describe(zone.Key, [.. zone], cancellation))));

    /// <summary>All of the zones that carry the tag.</summary>
    public async Task<Outcome<IReadOnlyList<ProviderInstance>>> List(
        IReadOnlyList<string> zones, string tag, string value, CancellationToken cancellation)
    {
        var filter = Filters.Label(Labels.Key(tag), Labels.Value(value));
        var listed = Together(await Task.WhenAll(zones.Select(async zone => await Read(zone, await wire.Instances(zone, filter, cancellation), cancellation))));

        // A hash is short, and may be that of another word too.
        return listed.Then<IReadOnlyList<ProviderInstance>>(all => all.Where(seen => seen.Tags.GetValueOrDefault(tag) == value).ToList());
    }

    /// <summary>By instance; none for one that was never touched.</summary>
    public async Task<Outcome<ILookup<string, GceOperation>>> Operations(string zone, IReadOnlyCollection<string> names, CancellationToken cancellation)
    {
        var listed = await Task.WhenAll(names.Chunk(NamesMax).Select(part => wire.Operations(zone, Filters.Targets(part), cancellation)));
        return listed.FirstOrDefault(answer => !answer.IsOk).Fault is { } fault
            ? fault
            : Found(listed.SelectMany(answer => answer.Value).ToLookup(one => InstanceReading.Last(one.TargetLink)));
    }

    private static Outcome<T> Found<T>(T value) => value;

    private static Outcome<IReadOnlyList<ProviderInstance>> Together(IReadOnlyList<Outcome<IReadOnlyList<ProviderInstance>>> answers) =>
        answers.FirstOrDefault(answer => !answer.IsOk).Fault is { } fault ? fault : answers.SelectMany(answer => answer.Value).ToList();

    private async Task<Outcome<IReadOnlyList<ProviderInstance>>> Describe(string zone, IReadOnlyList<GceName> names, CancellationToken cancellation)
    {
        var filter = names.Count <= NamesMax ? Filters.Names(names.Select(name => name.Name)) : Filters.HasLabel(Labels.Request);
        var wanted = names.Select(name => name.Name).ToHashSet();
        var listed = (await wire.Instances(zone, filter, cancellation)).Then<List<GceInstance>>(all => all.Where(one => wanted.Contains(one.Name)).ToList());
        if (listed.Fault?.Kind == FaultKind.NotFound)
        {
            // There is no such zone (any more), and nothing in it.
            return new List<ProviderInstance>();
        }

        var seen = await Read(zone, listed, cancellation);
        if (!seen.IsOk)
        {
            return seen.Fault;
        }

        var found = seen.Value.Select(one => one.Id).ToHashSet();
        var missing = names.Where(name => !found.Contains(name.ToString())).ToList();
        var operations = await Operations(zone, [.. missing.Select(name => name.Name)], cancellation);
        if (!operations.IsOk)
        {
            return operations.Fault;
        }

        var late = await AtOnce.Each(missing, name => Missing(name, [.. operations.Value[name.Name]], cancellation));
        return late.FirstOrDefault(one => !one.IsOk).Fault is { } fault
            ? fault
            : seen.Value.Concat(late.Select(one => one.Value).OfType<ProviderInstance>()).ToList();
    }

    /// <summary>What a list does not have: lists come late, and looking at the one instance does not.</summary>
    private async Task<Outcome<ProviderInstance?>> Missing(GceName name, IReadOnlyList<GceOperation> operations, CancellationToken cancellation)
    {
        if (InstanceReading.Made(operations) is null)
        {
            return InstanceReading.OfMissing(name, operations);
        }

        var seen = await wire.Get(name, cancellation);
        return seen.IsOk ? InstanceReading.Of(seen.Value, operations)
            : seen.Fault.Kind == FaultKind.NotFound ? InstanceReading.OfMissing(name, operations)
            : seen.Fault;
    }

    private async Task<Outcome<IReadOnlyList<ProviderInstance>>> Read(string zone, Outcome<List<GceInstance>> listed, CancellationToken cancellation)
    {
        if (!listed.IsOk)
        {
            return listed.Fault;
        }

        var operations = await Operations(zone, [.. listed.Value.Where(InstanceReading.NeedsReason).Select(one => one.Name)], cancellation);
        if (!operations.IsOk)
        {
            return operations.Fault;
        }

        await Clear(zone, listed.Value, cancellation);
        return listed.Value.DistinctBy(one => one.Name).Select(one => InstanceReading.Of(one, [.. operations.Value[one.Name]])).ToList();
    }

    /// <summary>
    /// Deletes what has stopped by itself: nothing starts it again, its disk costs on, and whoever hears that it has stopped asks for nothing more. Not having
    /// done so fails nothing, since the next look does.
    /// </summary>
    private async Task Clear(string zone, IEnumerable<GceInstance> listed, CancellationToken cancellation)
    {
        var stopped = listed.Where(one => one.Labels.ContainsKey(Labels.Request) && InstanceReading.StateOf(one.Status) == ProviderInstanceState.Stopped);
        await AtOnce.Each([.. stopped], one => wire.Delete(new(zone, one.Name), Guid.CreateVersion7(clock.GetUtcNow()), cancellation));
    }
}
