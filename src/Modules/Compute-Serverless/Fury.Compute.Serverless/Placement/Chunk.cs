using Fury.Compute.Serverless.Clusters;

namespace Fury.Compute.Serverless.Placement;

/// <summary>
/// Sixty-four clusters as columns: a trait is one word of bits, a filter is an AND. Never changed once it is in a snapshot; a change of
/// one cluster copies only the columns in which it differs.
/// </summary>
internal sealed record Chunk
{
    public const int Size = 64;

    public Cluster?[] Clusters { get; init; } = new Cluster?[Size];

    public Room[] Rooms { get; init; } = [.. Enumerable.Repeat(Room.None(0), Size)];

    /// <summary>Ticks of UTC; 0 when the cluster was never seen.</summary>
    public long[] ObservedAt { get; init; } = new long[Size];

    public float[] CpuPrices { get; init; } = new float[Size];

    public float[] MemoryPrices { get; init; } = new float[Size];

    public int[] Providers { get; init; } = new int[Size];

    public int[] Regions { get; init; } = new int[Size];

    public int[][] Zones { get; init; } = [.. Enumerable.Repeat(Array.Empty<int>(), Size)];

    /// <summary>The same on every machine and in every process: chance is drawn from it and the request's seed.</summary>
    public uint[] NameHashes { get; init; } = new uint[Size];

    /// <summary>By trait; those that came later than the chunk are not there, and no cluster of it has them.</summary>
    public ulong[] Traits { get; init; } = [];

    public ulong Registered { get; init; }

    public ulong Active { get; init; }

    public ulong Healthy { get; init; }

    public ulong Bits(int trait) => trait >= 0 && trait < Traits.Length ? Traits[trait] : 0;

    public Chunk With(int slot, Cluster cluster, Words words, Room room)
    {
        var bit = 1UL << slot;
        var traits = new ulong[words.TraitCount];
        for (var trait = 0; trait < traits.Length; trait++)
        {
            traits[trait] = Bits(trait) & ~bit;
        }

        foreach (var (kind, name) in Words.Of(cluster))
        {
            traits[words.Find(kind, name)] |= bit;
        }

        return this with
        {
            Clusters = Copy(Clusters, slot, cluster),
            Rooms = Copy(Rooms, slot, room),
            CpuPrices = Copy(CpuPrices, slot, (float)cluster.CpuHourPrice),
            MemoryPrices = Copy(MemoryPrices, slot, (float)cluster.MemoryHourPrice),
            Providers = Copy(Providers, slot, words.Find(Trait.Provider, cluster.Provider)),
            Regions = Copy(Regions, slot, words.Region(cluster)),
            Zones = Copy(Zones, slot, [.. cluster.Zones.Select(zone => words.Zone(cluster, zone))]),
            NameHashes = Copy(NameHashes, slot, Hash(cluster.Name)),
            Traits = traits,
            Registered = Registered | bit,
            Active = cluster.Phase == ClusterPhase.Active ? Active | bit : Active & ~bit,
        };
    }

    /// <summary>The cluster has left; its slot stays its own.</summary>
    public Chunk Without(int slot)
    {
        var keep = ~(1UL << slot);
        return this with
        {
            Clusters = Copy(Clusters, slot, null),
            Rooms = Copy(Rooms, slot, Room.None(0)),
            ObservedAt = Copy(ObservedAt, slot, 0),
            Registered = Registered & keep,
            Active = Active & keep,
            Healthy = Healthy & keep,
            Traits = [.. Traits.Select(bits => bits & keep)],
        };
    }

    public Chunk With(int slot, Room room) => this with { Rooms = Copy(Rooms, slot, room) };

    public Chunk Seen(int slot, DateTimeOffset at) => this with { ObservedAt = Copy(ObservedAt, slot, at.UtcTicks) };

    public Chunk Judged(int slot, bool healthy) => this with { Healthy = healthy ? Healthy | (1UL << slot) : Healthy & ~(1UL << slot) };

    private static T[] Copy<T>(T[] column, int slot, T value)
    {
        var copy = (T[])column.Clone();
        copy[slot] = value;
        return copy;
    }

    /// <summary>FNV-1a over the name's UTF-16 units.</summary>
    private static uint Hash(string name)
    {
        var hash = 2166136261;
        foreach (var unit in name)
        {
            hash = unchecked((hash ^ unit) * 16777619);
        }

        return hash;
    }
}
