using Dapper;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Deployments.Deployments;

/// <summary>
/// The deployments whose events somebody on this host waits for. What its own drivers write it hears of at once; what other hosts write it looks for once a
/// second, all in one query, however many wait.
/// </summary>
internal sealed class Watched(IDatabase database, Signals signals) : IReconciler
{
    public const string ReconcilerName = "deployments-watched";

    private const string RevisionsSql = "select id, revision from deployments.deployment where id = any(@ids)";

    private readonly Lock _lock = new();
    private readonly Dictionary<DeploymentId, Look> _all = [];

    public string Name => ReconcilerName;

    public TimeSpan Period { get; } = TimeSpan.FromSeconds(1);

    public bool OncePerPlatform => false;

    /// <summary>It is looked after until this is disposed.</summary>
    public IDisposable Add(DeploymentId deployment)
    {
        lock (_lock)
        {
            if (!_all.TryGetValue(deployment, out var look))
            {
                _all[deployment] = look = new();
            }

            look.Watchers++;
        }

        return new Leave(this, deployment);
    }

    public async Task Pass(long fence, CancellationToken cancellation)
    {
        Guid[] ids;
        lock (_lock)
        {
            ids = [.. _all.Keys.Select(id => id.Value)];
        }

        if (ids.Length == 0)
        {
            return;
        }

        await using var connection = await database.Open(cancellation);
        var rows = await connection.QueryAsync<(Guid Id, long Revision)>(new CommandDefinition(RevisionsSql, new { ids }, cancellationToken: cancellation));
        foreach (var (id, revision) in rows)
        {
            if (IsNews(new(id), revision))
            {
                signals.Tell(new(id));
            }
        }
    }

    /// <summary>The first look at a deployment is news too: what was before it nobody knows.</summary>
    private bool IsNews(DeploymentId deployment, long revision)
    {
        lock (_lock)
        {
            if (!_all.TryGetValue(deployment, out var look) || look.Revision == revision)
            {
                return false;
            }

            look.Revision = revision;
            return true;
        }
    }

    private sealed class Look
    {
        public int Watchers { get; set; }

        public long? Revision { get; set; }
    }

    private sealed class Leave(Watched watched, DeploymentId deployment) : IDisposable
    {
        public void Dispose()
        {
            lock (watched._lock)
            {
                if (--watched._all[deployment].Watchers == 0)
                {
                    watched._all.Remove(deployment);
                }
            }
        }
    }
}
