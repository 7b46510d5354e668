using Fury.Kernel;

namespace Fury.Compute.Serverless.Clusters;

/// <summary>How many replicas of one size fit: counted node by node, since two halves of a hole on two nodes are no hole.</summary>
/// <param name="Total">Of the cluster; less than the sum of the zones where a quota is smaller than the nodes.</param>
/// <param name="Ready">Of these, on nodes that are there.</param>
internal sealed record Fit(InstanceSize Size, int Total, int Ready, IReadOnlyList<int> Zones);

/// <summary>
/// The holes of one cluster after everything that was promised. Immutable: taking gives another one. Promised replicas are laid on the
/// emptiest node first, as a cluster's own scheduler does by default, so what is left for bigger ones is rather told too small than too large.
/// </summary>
internal sealed class Room
{
    /// <summary>Sizes that are remembered; there are few sizes, and what is forgotten is counted again.</summary>
    private const int FitsMax = 16;

    private const int CountMax = 1_000_000;

    private readonly int[] _cpu;
    private readonly int[] _memory;
    private readonly int[] _pods;

    /// <summary>Nodes lie zone by zone, in each the ones that are there before the ones that can come: two borders a zone.</summary>
    private readonly int[] _borders;
    private readonly long _quotaCpu;
    private readonly long _quotaMemory;
    private Fit[] _fits = [];

    private Room(int[] cpu, int[] memory, int[] pods, int[] borders, long quotaCpu, long quotaMemory) =>
        (_cpu, _memory, _pods, _borders, _quotaCpu, _quotaMemory) = (cpu, memory, pods, borders, quotaCpu, quotaMemory);

    /// <summary>Of a cluster of which nothing was seen: nothing fits.</summary>
    public static Room None(int zones) => new([], [], [], new int[(zones * 2) + 1], 0, 0);

    /// <summary>The holes as they were seen, with nothing promised yet.</summary>
    public static Room Of(Cluster cluster, ClusterSeen seen)
    {
        var zones = cluster.Zones.Count;
        List<(int Slot, NodeHole Hole)> nodes = [];
        foreach (var hole in seen.Nodes.Take(ClusterSeen.NodesMax).Where(hole => IsOf(hole.Zone)))
        {
            nodes.Add((hole.Zone * 2, hole));
        }

        foreach (var more in seen.Potential.Where(more => IsOf(more.Zone)))
        {
            for (var node = 0; node < Math.Min(more.Nodes, NodePotential.NodesMax); node++)
            {
                nodes.Add(((more.Zone * 2) + 1, new(more.Zone, more.CpuMillis, more.MemoryMiB, more.Pods)));
            }
        }

        var ordered = nodes.OrderBy(node => node.Slot).ToList();
        var borders = new int[(zones * 2) + 1];
        for (var slot = 0; slot < zones * 2; slot++)
        {
            borders[slot + 1] = borders[slot] + ordered.Count(node => node.Slot == slot);
        }

        return new(
            [.. ordered.Select(node => node.Hole.CpuMillis)],
            [.. ordered.Select(node => node.Hole.MemoryMiB)],
            [.. ordered.Select(node => node.Hole.Pods)],
            borders,
            Math.Max(0, cluster.Quota.CpuMillis - seen.CpuMillisUsed),
            Math.Max(0, cluster.Quota.MemoryMiB - seen.MemoryMiBUsed));

        bool IsOf(int zone) => zone >= 0 && zone < zones;
    }

    public int ZoneCount => _borders.Length / 2;

    /// <summary>Counted once for each size; threads that ask at once may count twice and get the same.</summary>
    public Fit Fit(InstanceSize size)
    {
        var known = Volatile.Read(ref _fits);
        foreach (var fit in known)
        {
            if (fit.Size.CpuMillis == size.CpuMillis && fit.Size.MemoryMiB == size.MemoryMiB)
            {
                return fit;
            }
        }

        var counted = Count(size);
        Fit[] more = known.Length < FitsMax ? [.. known, counted] : [counted];
        Interlocked.CompareExchange(ref _fits, more, known);
        return counted;
    }

    /// <summary>The room with so many replicas more promised in each zone, or with as many of them as fit.</summary>
    /// <param name="taken">How many were laid down in each zone.</param>
    public Room Take(InstanceSize size, IReadOnlyList<int> replicas, out int[] taken)
    {
        taken = new int[ZoneCount];
        var quota = Quota(size);
        var next = new Room((int[])_cpu.Clone(), (int[])_memory.Clone(), (int[])_pods.Clone(), _borders, _quotaCpu, _quotaMemory);
        var all = 0;
        for (var zone = 0; zone < taken.Length && zone < replicas.Count; zone++)
        {
            taken[zone] = next.Lay(size, (int)Math.Min(replicas[zone], quota - all), _borders[zone * 2], _borders[(zone * 2) + 1]);
            taken[zone] += next.Lay(
                size, (int)Math.Min(replicas[zone] - taken[zone], quota - all - taken[zone]), _borders[(zone * 2) + 1], _borders[(zone * 2) + 2]);
            all += taken[zone];
        }

        return new(
            next._cpu, next._memory, next._pods, _borders, _quotaCpu - ((long)all * size.CpuMillis), _quotaMemory - ((long)all * size.MemoryMiB));
    }

    private int Lay(InstanceSize size, int replicas, int from, int to)
    {
        for (var laid = 0; laid < replicas; laid++)
        {
            var best = -1;
            for (var node = from; node < to; node++)
            {
                if (_cpu[node] >= size.CpuMillis && _memory[node] >= size.MemoryMiB && _pods[node] >= 1 && (best < 0 || _cpu[node] > _cpu[best]))
                {
                    best = node;
                }
            }

            if (best < 0)
            {
                return laid;
            }

            _cpu[best] -= size.CpuMillis;
            _memory[best] -= size.MemoryMiB;
            _pods[best]--;
        }

        return Math.Max(0, replicas);
    }

    private Fit Count(InstanceSize size)
    {
        var zones = new int[ZoneCount];
        var (all, ready) = (0L, 0L);
        for (var slot = 0; slot < zones.Length * 2; slot++)
        {
            var fitting = 0L;
            for (var node = _borders[slot]; node < _borders[slot + 1]; node++)
            {
                // A node that is over its promises has less than nothing.
                fitting += Math.Max(0, Math.Min(_pods[node], Math.Min(_cpu[node] / size.CpuMillis, _memory[node] / size.MemoryMiB)));
            }

            zones[slot / 2] = (int)Math.Min(CountMax, zones[slot / 2] + fitting);
            all += fitting;
            ready += slot % 2 == 0 ? fitting : 0;
        }

        var total = (int)Math.Min(Math.Min(all, Quota(size)), CountMax);
        return new(size, total, (int)Math.Min(ready, total), zones);
    }

    private long Quota(InstanceSize size) => Math.Max(0, Math.Min(_quotaCpu / size.CpuMillis, _quotaMemory / size.MemoryMiB));
}
