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
        ReadOnlySpan<byte> left = packed;
        while (left.Length > 0)
        {
            // Read to the end of the replica even where there is no more room for it.
            var counts = Of(InstanceId.From(new Guid(left[..IdBytes]))) ?? new Counts();
            left = left[IdBytes..];
            counts.Requests += Number(ref left);
            counts.Errors += Number(ref left);
            for (var buckets = Number(ref left); buckets > 0; buckets--)
            {
                counts.Took((int)Number(ref left), Number(ref left));
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
    public IReadOnlyList<ReplicaTraffic> Read()
    {
        var read = new ReplicaTraffic[_replicas.Count];
        var next = 0;
        foreach (var (replica, counts) in _replicas)
        {
            read[next++] = new(replica, counts.Requests, counts.Errors, counts.Latencies ?? Unmeasured);
        }

        Array.Sort(read, (one, other) => one.Replica.Value.CompareTo(other.Replica.Value));
        return read;
    }

    /// <summary>As <see cref="BinaryWriter.Write7BitEncodedInt64"/> writes it, never below zero.</summary>
    private static long Number(ref ReadOnlySpan<byte> left)
    {
        var (number, shift) = (0L, 0);
        while (true)
        {
            var part = left[0];
            left = left[1..];
            number |= (part & 0x7FL) << shift;
            if (part < 0x80)
            {
                return number;
            }

            shift += 7;
        }
    }

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
