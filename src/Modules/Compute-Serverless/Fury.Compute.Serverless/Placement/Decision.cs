using System.Globalization;
using System.Text.Json.Serialization;
using Fury.Kernel;

namespace Fury.Compute.Serverless.Placement;

/// <summary>Why a cluster was left out. In the order of asking: each cluster counts once, for the first that it fails.</summary>
internal enum FilterReason
{
    Affinity,
    WorkloadType,
    Criticality,
    Taint,

    /// <summary>It joins or drains.</summary>
    Phase,
    Health,

    /// <summary>It was not seen for too long to promise anything of it.</summary>
    Stale,
    Quota,

    /// <summary>No node, of those there are and those that can come, has a hole large enough for one replica.</summary>
    Room,
}

/// <param name="Clusters">How many were left out for it.</param>
internal sealed record FilterCount(FilterReason Reason, int Clusters);

/// <summary>What a score is made of; each part is weighted already, so that they add up to it. Between 0 and 1.</summary>
internal readonly record struct ScoreParts(float Price, float Headroom, float Freshness, float Spread, float Warm, float Chance)
{
    [JsonIgnore]
    public float Total => (Price + Headroom + Freshness) + (Spread + Warm + Chance);
}

internal sealed record Scored(string Cluster, float Score, ScoreParts Parts);

/// <summary>What keeps replicas waiting.</summary>
internal enum PendingReason
{
    /// <summary>No cluster passes the filters.</summary>
    NoCluster,

    /// <summary>All that fits is placed.</summary>
    NoRoom,

    /// <summary>A hard spread cannot be kept.</summary>
    Spread,

    /// <summary>Others were faster; it is being planned again.</summary>
    Contended,
}

/// <summary>One decision with what led to it; small enough to be kept for every pool.</summary>
/// <param name="FleetVersion">The snapshot that it was made on.</param>
/// <param name="Placed">Where all replicas are to be, those that were there before included.</param>
/// <param name="Added">Which of them are new.</param>
/// <param name="Pending">How many have no place; why, in <paramref name="Reason"/>.</param>
/// <param name="Clusters">How many there were.</param>
/// <param name="Passed">How many passed all filters; with the counts of <paramref name="Filtered"/> they are all that there were.</param>
/// <param name="Best">The three highest scores.</param>
/// <param name="Affinity">Which of the request's affinities it was, counted from 0.</param>
internal sealed record Decision(
    PoolId Pool,
    DateTimeOffset At,
    long FleetVersion,
    int Wanted,
    IReadOnlyList<Placed> Placed,
    IReadOnlyList<Placed> Added,
    int Pending,
    PendingReason? Reason,
    int Clusters,
    int Passed,
    IReadOnlyList<FilterCount> Filtered,
    IReadOnlyList<Scored> Best,
    int Affinity)
{
    /// <summary>Places that the sentence names; the record has them all.</summary>
    private const int NamedMax = 6;

    /// <summary>The decision in one sentence, for people.</summary>
    public string Explain()
    {
        var more = Placed.Count > NamedMax ? $" and {Placed.Skip(NamedMax).Sum(one => one.Replicas)} elsewhere" : "";
        var where = Placed.Count == 0
            ? ""
            : $": {string.Join(", ", Placed.Take(NamedMax).Select(one => $"{one.Replicas} in {one.Cluster}/{one.Zone}"))}{more}";
        var leftOut = Filtered.Count == 0 ? "" : $" ({string.Join(", ", Filtered.Select(one => $"{Words(one.Reason)} {one.Clusters}"))})";
        var best = Best.Count == 0 ? "" : $", the best {string.Join(", ", Best.Select(one => $"{one.Cluster} {Number(one.Score)}"))}";
        var pending = Reason is { } reason ? $"; {Pending} pending, because {Because(reason)}" : "";
        return $"{Wanted - Pending} of {Wanted} replicas have a place{where}; {Passed} of {Clusters} clusters would do{leftOut}{best}{pending}.";
    }

    private static string Words(FilterReason reason) => reason switch
    {
        FilterReason.Affinity => "not asked for:",
        FilterReason.WorkloadType => "other workload types:",
        FilterReason.Criticality => "other criticality:",
        FilterReason.Taint => "tainted:",
        FilterReason.Phase => "joining or draining:",
        FilterReason.Health => "not healthy:",
        FilterReason.Stale => "not seen lately:",
        FilterReason.Quota => "quota used up:",
        _ => "no node has room for one:",
    };

    private static string Because(PendingReason reason) => reason switch
    {
        PendingReason.NoCluster => "no cluster passes the filters",
        PendingReason.NoRoom => "the clusters that would do have no room left",
        PendingReason.Spread => "the spread that is demanded cannot be kept",
        _ => "others have taken the room meanwhile",
    };

    private static string Number(float score) => score.ToString("0.00", CultureInfo.InvariantCulture);
}

/// <summary>What came of a plan.</summary>
/// <param name="Decision">With what was promised in place of what was proposed.</param>
/// <param name="Refused">How many of the proposed replicas were not promised.</param>
internal sealed record Applied(Decision Decision, int Refused);
