using Fury.Compute.Serverless.Clusters;

namespace Fury.Compute.Serverless.Placement;

/// <summary>What a bit of the snapshot can stand for.</summary>
internal enum Trait
{
    WorkloadType,
    Criticality,
    Taint,
    Provider,
    Region,
}

/// <summary>
/// Names as small numbers, so that the snapshot holds bits and columns. Only grows; a new name gives another instance, and readers of the old
/// one go on without a lock. A fleet has few different names, and they are all there after its first minutes.
/// </summary>
internal sealed class Words
{
    public static readonly Words None = new([], [], [], []);

    private readonly Dictionary<(Trait, string), int> _traits;
    private readonly Dictionary<string, int> _places;
    private readonly Dictionary<string, int> _clusters;

    private Words(
        Dictionary<(Trait, string), int> traits, Dictionary<string, int> places, Dictionary<string, int> clusters, int[] taints) =>
        (_traits, _places, _clusters, Taints) = (traits, places, clusters, taints);

    public int TraitCount => _traits.Count;

    public int ClusterCount => _clusters.Count;

    /// <summary>The numbers of all taints there are.</summary>
    public IReadOnlyList<int> Taints { get; }

    /// <summary>-1 when no cluster has ever had it.</summary>
    public int Find(Trait kind, string name) => _traits.GetValueOrDefault((kind, name), -1);

    /// <summary>-1 when there never was one. A cluster keeps its number when it leaves, and has it again when it comes back.</summary>
    public int Cluster(string name) => _clusters.GetValueOrDefault(name, -1);

    /// <summary>The region as one of its provider's: two providers may name theirs alike.</summary>
    public int Region(Clusters.Cluster cluster) => _places.GetValueOrDefault(RegionName(cluster), -1);

    public int Zone(Clusters.Cluster cluster, string zone) => _places.GetValueOrDefault(ZoneName(cluster, zone), -1);

    public Words With(Clusters.Cluster cluster)
    {
        List<(Trait Kind, string Name)> traits = [.. Of(cluster).Where(one => Find(one.Kind, one.Name) < 0)];
        List<string> places =
            [.. cluster.Zones.Select(zone => ZoneName(cluster, zone)).Append(RegionName(cluster)).Where(place => !_places.ContainsKey(place))];
        if (traits.Count == 0 && places.Count == 0 && Cluster(cluster.Name) >= 0)
        {
            return this;
        }

        var next = new Words(new(_traits), new(_places), new(_clusters), []);
        foreach (var trait in traits)
        {
            next._traits.TryAdd(trait, next._traits.Count);
        }

        foreach (var place in places)
        {
            next._places.TryAdd(place, next._places.Count);
        }

        next._clusters.TryAdd(cluster.Name, next._clusters.Count);
        return new(
            next._traits,
            next._places,
            next._clusters,
            [.. next._traits.Where(one => one.Key.Item1 == Trait.Taint).Select(one => one.Value).Order()]);
    }

    public static IEnumerable<(Trait Kind, string Name)> Of(Clusters.Cluster cluster) =>
    [
        .. cluster.WorkloadTypes.Select(type => $"{type}").DefaultIfEmpty(Segment.Any).Select(type => (Trait.WorkloadType, type)),
        (Trait.Criticality, cluster.Criticality?.ToString() ?? Segment.Any),
        .. cluster.Taints.Select(taint => (Trait.Taint, taint)),
        (Trait.Provider, cluster.Provider),
        (Trait.Region, cluster.Region),
    ];

    private static string RegionName(Clusters.Cluster cluster) => $"{cluster.Provider}/{cluster.Region}";

    private static string ZoneName(Clusters.Cluster cluster, string zone) => $"{cluster.Provider}/{cluster.Region}/{zone}";
}
