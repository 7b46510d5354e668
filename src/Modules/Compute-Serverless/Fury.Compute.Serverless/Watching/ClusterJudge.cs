using Fury.Compute.Contracts;
using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Registry;

namespace Fury.Compute.Serverless.Watching;

/// <summary>The health of the registered clusters as one who looks again and again judges it. One look at a time; others may read meanwhile.</summary>
internal sealed class ClusterJudge(WatchStore watches, IDataPlane requests)
{
    private Dictionary<string, ClusterHealth> _health = [];

    /// <summary>As of the last look.</summary>
    public IReadOnlyDictionary<string, ClusterHealth> Health => Volatile.Read(ref _health);

    /// <summary>As of the last look, what the replicas of each location were asked for; nothing of those that nobody has asked.</summary>
    public IReadOnlyDictionary<Location, DataPlane> Served { get; private set; } = new Dictionary<Location, DataPlane>();

    /// <param name="renewedAt">When the one that watches each cluster last heard from it.</param>
    /// <returns>Clusters that are in another phase than before.</returns>
    public async Task<IReadOnlyList<(string Cluster, HealthPhase Phase)>> Look(
        IReadOnlyList<RegisteredCluster> registered, IReadOnlyDictionary<string, DateTimeOffset> renewedAt, DateTimeOffset now, CancellationToken cancellation)
    {
        var probes = await watches.Probes(ClusterHealth.ProbeMax, cancellation);
        Served = (await requests.Seen(cancellation)).ToDictionary(seen => seen.Location, seen => new DataPlane(seen.At, seen.Requests, seen.Failed));
        var (next, changed) = (new Dictionary<string, ClusterHealth>(), new List<(string, HealthPhase)>());
        foreach (var cluster in registered.Select(one => one.Cluster))
        {
            var name = cluster.Name;
            var known = _health.GetValueOrDefault(name);
            var evidence = new HealthEvidence(
                renewedAt.TryGetValue(name, out var at) ? at : null,
                [.. probes[name]],
                Served.GetValueOrDefault(new(cluster.Provider, cluster.Region, name)));
            next[name] = (known ?? ClusterHealth.New(now)).Next(evidence, now);
            if (known?.Phase != next[name].Phase)
            {
                changed.Add((name, next[name].Phase));
            }
        }

        Volatile.Write(ref _health, next);
        return changed;
    }
}
