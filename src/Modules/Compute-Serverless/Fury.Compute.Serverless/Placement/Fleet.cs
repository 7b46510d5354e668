using Fury.Compute.Serverless.Clusters;

namespace Fury.Compute.Serverless.Placement;

/// <summary>
/// All clusters at one moment, for planners to read without a lock. Immutable: each change gives a new version that shares with the old one
/// all chunks but one, so its cost does not grow with the fleet.
/// </summary>
internal sealed class Fleet
{
    public static readonly Fleet Empty = new(0, Words.None, []);

    /// <summary>The table of chunks is copied with each change; more clusters would want a tree.</summary>
    public const int ClustersMax = 10_000;

    private readonly Chunk[] _chunks;

    private Fleet(long version, Words words, Chunk[] chunks) => (Version, Words, _chunks) = (version, words, chunks);

    /// <summary>Grows with each change.</summary>
    public long Version { get; }

    public Words Words { get; }

    public ReadOnlySpan<Chunk> Chunks => _chunks;

    public Cluster? Find(string name) => Words.Cluster(name) is var index and >= 0 ? At(index).Clusters[index % Chunk.Size] : null;

    public Room Room(int index) => At(index).Rooms[index % Chunk.Size];

    public bool IsHealthy(string name) =>
        Words.Cluster(name) is var index and >= 0 && (At(index).Healthy >> (index % Chunk.Size) & 1) != 0;

    /// <summary>Registers a cluster, or what people say of it now. What was seen of it stays.</summary>
    public Fleet Put(Cluster cluster)
    {
        var words = Words.With(cluster);
        if (words.ClusterCount > ClustersMax)
        {
            throw new InvalidOperationException($"More than {ClustersMax} clusters.");
        }

        var index = words.Cluster(cluster.Name);
        var chunks = index / Chunk.Size < _chunks.Length ? (Chunk[])_chunks.Clone() : [.. _chunks, new Chunk()];
        var chunk = chunks[index / Chunk.Size];
        var known = chunk.Clusters[index % Chunk.Size];
        // The zones say what the holes' numbers mean: with other zones the cluster has to be seen again.
        var room = known is not null && known.Zones.SequenceEqual(cluster.Zones)
            ? chunk.Rooms[index % Chunk.Size]
            : Clusters.Room.None(cluster.Zones.Count);
        chunks[index / Chunk.Size] = chunk.With(index % Chunk.Size, cluster, words, room);
        return new(Version + 1, words, chunks);
    }

    public Fleet Remove(string name) => Change(name, (chunk, slot) => chunk.Without(slot));

    /// <summary>What the cluster has room for, and when it was seen so.</summary>
    public Fleet Seen(string name, Room room, DateTimeOffset at) => Change(name, (chunk, slot) => chunk.With(slot, room).Seen(slot, at));

    /// <summary>Replicas were promised, or promises were taken back; nothing new was seen.</summary>
    public Fleet Promised(string name, Room room) => Change(name, (chunk, slot) => chunk.With(slot, room));

    /// <summary>Only a healthy cluster gets new work.</summary>
    public Fleet Judged(string name, HealthPhase phase) => Change(name, (chunk, slot) => chunk.Judged(slot, phase == HealthPhase.Healthy));

    private Chunk At(int index) => _chunks[index / Chunk.Size];

    /// <summary>News of a cluster that is not registered changes nothing.</summary>
    private Fleet Change(string name, Func<Chunk, int, Chunk> change)
    {
        if (Find(name) is null)
        {
            return this;
        }

        var index = Words.Cluster(name);
        var chunks = (Chunk[])_chunks.Clone();
        chunks[index / Chunk.Size] = change(chunks[index / Chunk.Size], index % Chunk.Size);
        return new(Version + 1, Words, chunks);
    }
}
