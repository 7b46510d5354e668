using Fury.Kernel;

namespace Fury.Compute.Serverless.Clusters;

/// <summary>Where a cluster is in its life with the platform.</summary>
internal enum ClusterPhase
{
    /// <summary>Being onboarded: seen, and given no work yet.</summary>
    Joining,

    /// <summary>Takes work.</summary>
    Active,

    /// <summary>What runs in it goes on; it gets nothing new.</summary>
    Draining,
}

/// <summary>What the platform may ask of a cluster in all, summed over the requests of its replicas.</summary>
internal sealed record ClusterQuota(long CpuMillis, long MemoryMiB)
{
    public static ClusterQuota Unlimited { get; } = new(long.MaxValue, long.MaxValue);
}

/// <summary>A cluster as the registry knows it: what people have said of it, never what was seen.</summary>
/// <param name="Name">Unique on the platform; the last part of a location.</param>
/// <param name="Zones">Where its nodes can be, 1 to <see cref="ZonesMax"/>.</param>
/// <param name="Criticality">Workloads of this criticality and no other are placed here; null: of any.</param>
/// <param name="WorkloadTypes">Kinds of work it is kept for; none: any.</param>
/// <param name="Taints">Only workloads that tolerate every one of them are placed here.</param>
/// <param name="CpuHourPrice">Dollars for a core for an hour; 0 for one's own machine.</param>
/// <param name="MemoryHourPrice">Dollars for a GiB for an hour.</param>
/// <param name="Shape">Fingerprint of versions, network, admission and labels: an upgrade that was tried in a cluster says something of those
/// of the same shape.</param>
internal sealed record Cluster(
    string Name,
    string Provider,
    string Region,
    IReadOnlyList<string> Zones,
    Criticality? Criticality,
    IReadOnlyList<WorkloadType> WorkloadTypes,
    IReadOnlyList<string> Taints,
    double CpuHourPrice,
    double MemoryHourPrice,
    ClusterQuota Quota,
    string Shape,
    ClusterPhase Phase = ClusterPhase.Active)
{
    public const int ZonesMax = 16;

    /// <summary>The snapshot has a bit for each that there is.</summary>
    public const int TaintsMax = 16;

    /// <summary>One for each workload type that it is kept for.</summary>
    public IEnumerable<Segment> Segments =>
        WorkloadTypes.Cast<WorkloadType?>().DefaultIfEmpty().Select(type => new Segment(Provider, Region, Criticality, type));

    /// <summary>The zone's place among the cluster's; -1 when it has none of that name.</summary>
    public int ZoneOf(string name)
    {
        for (var zone = 0; zone < Zones.Count; zone++)
        {
            if (Zones[zone] == name)
            {
                return zone;
            }
        }

        return -1;
    }

    /// <summary>Every bad field at once; null when the cluster can be registered.</summary>
    public Fault? Check()
    {
        var check = new Validation();
        check.Require(Name.Length is >= 1 and <= 100, Name, "1 to 100 characters");
        check.Require(Provider.Length is >= 1 and <= 100, Provider, "1 to 100 characters");
        check.Require(Region.Length is >= 1 and <= 100, Region, "1 to 100 characters");
        check.Require(Zones.Count is >= 1 and <= ZonesMax && Distinct(Zones), Zones.Count, $"1 to {ZonesMax} different zones");
        check.Require(
            WorkloadTypes.Distinct().Count() == WorkloadTypes.Count, WorkloadTypes.Count, "different types");
        check.Require(Taints.Count <= TaintsMax && Distinct(Taints), Taints.Count, $"at most {TaintsMax} different taints");
        check.Require(IsPrice(CpuHourPrice), CpuHourPrice, "0 to 1000 dollars");
        check.Require(IsPrice(MemoryHourPrice), MemoryHourPrice, "0 to 1000 dollars");
        check.Require(Quota.CpuMillis >= 0, Quota.CpuMillis, "0 or more");
        check.Require(Quota.MemoryMiB >= 0, Quota.MemoryMiB, "0 or more");
        return check.Fault;
    }

    private static bool Distinct(IReadOnlyList<string> names) => names.Distinct().Count() == names.Count;

    private static bool IsPrice(double price) => price is >= 0 and <= 1000;
}

/// <summary>What clusters are grouped by; upgrades go through segments, the least critical first.</summary>
internal sealed record Segment(string Provider, string Region, Criticality? Criticality, WorkloadType? WorkloadType)
{
    /// <summary>Stands where a cluster is not kept for anything special.</summary>
    public const string Any = "any";

    public override string ToString() => $"{Provider}/{Region}/{WordOf(Criticality)}/{WordOf(WorkloadType)}";

    private static string WordOf<T>(T? value)
        where T : struct, Enum => value is { } one ? Word.Of(one) : Any;
}
