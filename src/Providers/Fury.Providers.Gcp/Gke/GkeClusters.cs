using System.Collections.Concurrent;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Providers.Gcp;

/// <summary>
/// Clusters of Google Kubernetes Engine. A cluster is named as it is in its region, or <c>zone/name</c> where it is one of a zone. Its API takes the same
/// tokens as Google's own.
/// </summary>
internal sealed class GkeClusters(GcpWire wire, GcpTokens tokens, GcpOptions options) : IClusterProvider
{
    private const int RememberedMax = 1000;

    /// <summary>To which version the operations of this host go: GKE does not tell.</summary>
    private readonly ConcurrentDictionary<string, string> _versions = new();

    public string Name => "gcp";

    public IReadOnlyList<string> Regions { get; } = [.. options.Regions];

    public async Task<Outcome<ProviderCluster>> Describe(string region, string name, CancellationToken cancellation)
    {
        var place = Place(region, name);
        return place.IsOk ? (await Seen(place.Value, cancellation)).Then<ProviderCluster>(seen => GkeReading.Cluster(seen, region, name)) : place.Fault;
    }

    public async Task<Outcome<string>> Upgrade(string region, string name, string version, CancellationToken cancellation)
    {
        var place = Place(region, name);
        if (!place.IsOk)
        {
            return place.Fault;
        }

        var seen = await Seen(place.Value, cancellation);
        if (!seen.IsOk)
        {
            return seen.Fault;
        }

        if (GkeReading.Is(seen.Value.CurrentMasterVersion, version))
        {
            return Fault.Conflict($"The cluster '{name}' has version {seen.Value.CurrentMasterVersion} already.");
        }

        var underWay = await UnderWay(place.Value, version, cancellation);
        if (!underWay.IsOk || underWay.Value is not null)
        {
            return underWay.Then<string>(id => id!);
        }

        var begun = await wire.Send<GkeOperation>(
            new(
                Target(place.Value),
                HttpMethod.Post,
                At($"locations/{place.Value.Location}/clusters/{place.Value.Cluster}:updateMaster"),
                $"upgrade cluster '{name}' to {version}",
                new { MasterVersion = version }),
            cancellation);
        if (!begun.IsOk)
        {
            // The answer to an earlier attempt may have been lost; then it is that one that is in the way.
            var lost = begun.Fault.Kind == FaultKind.Conflict ? await UnderWay(place.Value, version, cancellation) : begun.Fault;
            return lost is { IsOk: true, Value: { } first } ? first : begun.Fault;
        }

        if (_versions.Count >= RememberedMax)
        {
            _versions.Clear();
        }

        _versions[begun.Value.Name] = version;
        return Id(place.Value, begun.Value);
    }

    public async Task<Outcome<ClusterUpgrade>> Upgrading(string id, CancellationToken cancellation) =>
        id.Split('/') is [var location, var operation] && GkePlace.IsWord(location) && GkePlace.IsWord(operation)
            ? (await wire.Send<GkeOperation>(
                new($"gcp/{location}/clusters", HttpMethod.Get, At($"locations/{location}/operations/{operation}"), $"look at upgrade '{id}'"), cancellation))
                .Then<ClusterUpgrade>(seen => GkeReading.Upgrade(seen, id))
            : Fault.Invalid("id", id, "one that an upgrade gave: location/operation");

    public async Task<Outcome<ClusterToken>> Token(string region, string name, CancellationToken cancellation)
    {
        var place = Place(region, name);
        return place.IsOk
            ? (await tokens.Bearer(cancellation)).Then<ClusterToken>(token => new ClusterToken(token, tokens.ExpiresAt()))
            : place.Fault;
    }

    private static string Id(GkePlace place, GkeOperation operation) => $"{place.Location}/{operation.Name}";

    private static string Target(GkePlace place) => $"gcp/{place.Location}/clusters";

    private Task<Outcome<GkeCluster>> Seen(GkePlace place, CancellationToken cancellation) => wire.Send<GkeCluster>(
        new(Target(place), HttpMethod.Get, At($"locations/{place.Location}/clusters/{place.Cluster}"), $"look at cluster '{place.Cluster}'"), cancellation);

    /// <summary>What the cluster is busy with, taken for an upgrade to the wanted version unless it is known to be to another; null: nothing.</summary>
    private async Task<Outcome<string?>> UnderWay(GkePlace place, string version, CancellationToken cancellation)
    {
        var listed = await wire.Send<GkeOperations>(
            new(Target(place), HttpMethod.Get, At($"locations/{place.Location}/operations"), $"list the operations of '{place.Location}'"), cancellation);
        return listed.Then<string?>(all => all.Operations.FirstOrDefault(one =>
            one is { OperationType: GkeOperation.UpgradeMaster, Status: not "DONE" }
            && one.TargetLink.EndsWith($"/clusters/{place.Cluster}", StringComparison.Ordinal)) is not { } busy ? (string?)null
            : _versions.GetValueOrDefault(busy.Name, version) == version ? Id(place, busy)
            : Fault.Conflict($"The cluster '{place.Cluster}' is busy with its upgrade to {_versions.GetValueOrDefault(busy.Name)}."));
    }

    private Outcome<GkePlace> Place(string region, string name)
    {
        var check = new Validation();
        check.Require(Regions.Contains(region), region, $"one of {string.Join(", ", Regions)}");
        var place = GkePlace.Parse(region, name);
        check.Require(place is not null, name, $"a cluster's name, or its zone and name such as {region}-b/blue");
        return check.Fault is { } fault ? fault : place!;
    }

    private Uri At(string path) => new(options.ContainerEndpoint, $"v1/projects/{options.Project}/{path}");
}

/// <summary>Where a cluster is: a region, or a zone of it.</summary>
internal sealed record GkePlace(string Location, string Cluster)
{
    private const int LengthMax = 100;

    public static GkePlace? Parse(string region, string name) => name.Split('/') switch
    {
        [var cluster] when IsWord(cluster) => new(region, cluster),
        [var zone, var cluster] when IsWord(zone) && IsWord(cluster) && zone.StartsWith(region + "-", StringComparison.Ordinal) => new(zone, cluster),
        _ => null,
    };

    /// <summary>Small letters, digits and hyphens, as all of GKE's names.</summary>
    public static bool IsWord(string text) => text.Length is > 0 and <= LengthMax
        && text.All(sign => char.IsAsciiLetterLower(sign) || char.IsAsciiDigit(sign) || sign == '-');
}
