using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Mesh.Xds;

namespace Fury.Mesh.Proxies;

/// <summary>
/// What the replicas of one pool have answered, one by one. They are on record, and go from host to host, as bytes: for each replica its id, its requests, its
/// errors, how many latency buckets are not empty, and for each of these its index and its count; numbers in 7 bits a byte. Its owner locks.
/// </summary>
internal sealed class ReplicaCounts
{
    /// <summary>Of one pool, with those that have come and gone; what comes beyond it is left out.</summary>
    public const int ReplicasMax = PoolAddresses.ReplicasMax + PoolAddresses.GoneMax;

    private const int IdBytes = 16;

    private static readonly long[] Unmeasured = new long[Latency.BucketBounds.Count + 1];

    private readonly Dictionary<InstanceId, Counts> _replicas = [];

    public void Add(ReplicaLoad load)
    {
        if (Of(load.Replica) is not { } counts)
        {
            return;
        }

        counts.Requests += load.Succeeded + load.Failed;
        counts.Errors += load.Failed;
        foreach (var (bucket, count) in load.Latencies)
        {
            counts.Took(bucket, count);
        }
    }

    public void Add(byte[] packed)
    {
        using var reader = new BinaryReader(new MemoryStream(packed));
        Span<byte> id = stackalloc byte[IdBytes];
        while (reader.Read(id) > 0)
        {
            // Read to the end of the replica even where there is no more room for it.
            var counts = Of(InstanceId.From(new Guid(id))) ?? new Counts();
            counts.Requests += reader.Read7BitEncodedInt64();
            counts.Errors += reader.Read7BitEncodedInt64();
            for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
            {
                counts.Took(reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt64());
            }
        }
    }

    public byte[] Pack()
    {
        var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        Span<byte> id = stackalloc byte[IdBytes];
        foreach (var (replica, counts) in _replicas)
        {
            replica.Value.TryWriteBytes(id);
            writer.Write(id);
            writer.Write7BitEncodedInt64(counts.Requests);
            writer.Write7BitEncodedInt64(counts.Errors);
            writer.Write7BitEncodedInt(counts.Latencies?.Count(count => count > 0) ?? 0);
            foreach (var (bucket, count) in (counts.Latencies ?? []).Index().Where(entry => entry.Item > 0))
            {
                writer.Write7BitEncodedInt(bucket);
                writer.Write7BitEncodedInt64(count);
            }
        }

        return bytes.ToArray();
    }

    /// <summary>In the order of their ids. What it returns is not to be added to any more.</summary>
    public IReadOnlyList<ReplicaTraffic> Read() =>
    [
        .. from replica in _replicas
           orderby replica.Key.Value
           select new ReplicaTraffic(replica.Key, replica.Value.Requests, replica.Value.Errors, replica.Value.Latencies ?? Unmeasured),
    ];

    private Counts? Of(InstanceId replica)
    {
        if (!_replicas.TryGetValue(replica, out var counts) && _replicas.Count < ReplicasMax)
        {
            _replicas[replica] = counts = new();
        }

        return counts;
    }

    private sealed class Counts
    {
        public long Requests { get; set; }

        public long Errors { get; set; }

        /// <summary>Null while no proxy that measures them has told of any.</summary>
        public long[]? Latencies { get; private set; }

        public void Took(int bucket, long count) => (Latencies ??= new long[Latency.BucketBounds.Count + 1])[bucket] += count;
    }
}
