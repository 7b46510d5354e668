using Fury.ClusterApi.Contracts;
using Fury.Kernel;

namespace Fury.Testing;

/// <summary>
/// What a watcher knows of a cluster, from nothing but what it was told; and a judge of that: an end is told once, of what was told before.
/// </summary>
public sealed class ClusterView : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _ends = new();
    private readonly Dictionary<string, ClusterReplica> _replicas = [];
    private readonly Dictionary<string, ClusterNode> _nodes = [];
    private readonly List<string> _mistakes = [];
    private readonly List<Fault> _interruptions = [];
    private readonly Task _reading;
    private int _syncs;

    public ClusterView(IClusterApi api, ClusterName cluster) => _reading = Read(api, cluster);

    /// <summary>How often all was told.</summary>
    public int Syncs => Look(() => _syncs);

    public bool HasEnded => _reading.IsCompleted;

    public IReadOnlyList<Fault> Interruptions => Look(() => _interruptions.ToList());

    public IReadOnlyList<ClusterNode> Nodes => Look(() => _nodes.Values.ToList());

    public IReadOnlyList<ClusterReplica> Replicas => Look(() => _replicas.Values.ToList());

    /// <summary>Sentences about news that contradicted earlier news.</summary>
    public IReadOnlyList<string> Mistakes => Look(() => _mistakes.ToList());

    public IReadOnlyList<ClusterReplica> Of(PoolId pool) => [.. Replicas.Where(replica => replica.Pool == pool)];

    public int Ready(PoolId pool) => Of(pool).Count(replica => replica.Stage == ReplicaStage.Ready);

    public async ValueTask DisposeAsync()
    {
        await _ends.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ends.Dispose();
    }

    private async Task Read(IClusterApi api, ClusterName cluster)
    {
        await Task.Yield();
        await foreach (var news in api.Watch(cluster, _ends.Token))
        {
            lock (_lock)
            {
                Take(news);
            }
        }
    }

    private void Take(ClusterNews news)
    {
        switch (news)
        {
            case ClusterNews.ReplicaSeen seen:
                Check(_replicas.TryGetValue(seen.Replica.Name, out var known) && known == seen.Replica, $"{seen.Replica.Name} was told again unchanged");
                Check(known is not null && known.Uid != seen.Replica.Uid, $"{seen.Replica.Name} took the place of another whose end was not told");
                _replicas[seen.Replica.Name] = seen.Replica;
                break;
            case ClusterNews.ReplicaGone gone:
                Check(!_replicas.Remove(gone.Last.Name), $"{gone.Last.Name} has gone, and was not there");
                break;
            case ClusterNews.NodeSeen seen:
                _nodes[seen.Node.Name] = seen.Node;
                break;
            case ClusterNews.NodeGone gone:
                Check(!_nodes.Remove(gone.Last.Name), $"{gone.Last.Name} has gone, and was not there");
                break;
            case ClusterNews.Synced:
                _syncs++;
                break;
            case ClusterNews.Interrupted interrupted:
                _interruptions.Add(interrupted.Why);
                break;
        }
    }

    private void Check(bool wrong, string mistake)
    {
        if (wrong)
        {
            _mistakes.Add(mistake);
        }
    }

    private T Look<T>(Func<T> look)
    {
        lock (_lock)
        {
            return look();
        }
    }
}
