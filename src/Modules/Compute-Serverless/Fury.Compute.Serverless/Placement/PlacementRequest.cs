using Fury.Kernel;

namespace Fury.Compute.Serverless.Placement;

/// <summary>Where replicas may go: a cluster must be in every list that is not empty.</summary>
internal sealed record Affinity(IReadOnlyList<string> Providers, IReadOnlyList<string> Regions, IReadOnlyList<string> Clusters)
{
    public static Affinity Anywhere { get; } = new([], [], []);
}

internal enum SpreadLevel
{
    Provider,
    Region,
    Cluster,
    Zone,
}

/// <summary>Over how many providers, regions, clusters or zones the replicas are spread.</summary>
/// <param name="MinGroups">At least so many, as soon as there are so many replicas.</param>
/// <param name="MaxGroups">At most so many. A soft maximum is exceeded when there is not room enough within it.</param>
/// <param name="Hard">Nothing is placed where it cannot be kept.</param>
internal sealed record Spread(SpreadLevel Level, int MinGroups, int MaxGroups = int.MaxValue, bool Hard = true);

/// <summary>Replicas of one pool in one zone of one cluster.</summary>
internal sealed record Placed(string Cluster, string Zone, int Replicas);

/// <summary>So many replicas of a pool are wanted in all. Asking again with what came of it as <see cref="Current"/> changes nothing.</summary>
/// <param name="Replicas">The whole number, not how many more; 0 to <see cref="ReplicasMax"/>.</param>
internal sealed record PlacementRequest(PoolId Pool, InstanceSize Size, int Replicas, WorkloadType WorkloadType, Criticality Criticality)
{
    public const int ReplicasMax = 1000;
    public const int AffinitiesMax = 16;

    /// <summary>Taints of clusters that this pool does not mind.</summary>
    public IReadOnlyList<string> Tolerations { get; init; } = [];

    /// <summary>The first in which all replicas fit is taken; of those in which not all fit, the one in which most do.</summary>
    public IReadOnlyList<Affinity> Affinities { get; init; } = [Affinity.Anywhere];

    /// <summary>What does not fit into the first affinity goes into the second, and so on, instead of all going into one.</summary>
    public bool Overflow { get; init; }

    /// <summary>At most one of each level.</summary>
    public IReadOnlyList<Spread> Spreads { get; init; } = [];

    /// <summary>What the pool has now; kept where it is, even where nothing new may go.</summary>
    public IReadOnlyList<Placed> Current { get; init; } = [];

    /// <summary>Clusters that it is to leave: they get nothing, and what it has in them does not count.</summary>
    public IReadOnlyList<string> Leaving { get; init; } = [];

    /// <summary>Clusters that have the artifact already, or run the same scope.</summary>
    public IReadOnlyList<string> Warm { get; init; } = [];

    /// <summary>Chance, given: equals of one request are ordered as another's are not, so planners at once do not all want the same cluster.</summary>
    public uint Seed { get; init; }

    /// <summary>Every bad field at once; null when it can be planned.</summary>
    public Fault? Check()
    {
        var check = new Validation();
        check.Require(Replicas is >= 0 and <= ReplicasMax, Replicas, $"0 to {ReplicasMax}");
        check.Require(Size.CpuMillis >= 1, Size.CpuMillis, "at least 1");
        check.Require(Size.MemoryMiB >= 1, Size.MemoryMiB, "at least 1");
        check.Require(Affinities.Count is >= 1 and <= AffinitiesMax, Affinities.Count, $"1 to {AffinitiesMax}");
        check.Require(Spreads.Select(spread => spread.Level).Distinct().Count() == Spreads.Count, Spreads.Count, "at most one of each level");
        check.Require(
            Spreads.All(spread => spread.MinGroups >= 1 && spread.MaxGroups >= spread.MinGroups),
            Spreads,
            "with a minimum of at least 1, and a maximum that is not less");
        return check.Fault;
    }

    public Spread? SpreadOver(SpreadLevel level)
    {
        foreach (var spread in Spreads)
        {
            if (spread.Level == level)
            {
                return spread;
            }
        }

        return null;
    }
}
