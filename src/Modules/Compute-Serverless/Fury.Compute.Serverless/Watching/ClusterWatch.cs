using System.Threading.Channels;
using Fury.ClusterApi.Contracts;
using Fury.Compute.Serverless.Clusters;
using Fury.Compute.Serverless.Jobs;
using Fury.Compute.Serverless.Pools;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.Extensions.Logging;

namespace Fury.Compute.Serverless.Watching;

/// <summary>
/// Watches one cluster under its lease: what its replicas do is told of at once, many pools in one write; what room it has every few seconds. What it
/// writes carries the lease's token, so that one who has lost the lease changes nothing.
/// </summary>
internal sealed class ClusterWatch(
    Cluster facts,
    ILease lease,
    IClusterApi clusters,
    IPoolStore pools,
    RunStore runs,
    WatchStore watches,
    IWake wake,
    TimeProvider clock,
    ILogger log)
{
    /// <summary>What comes within it goes into one write.</summary>
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(10);

    /// <summary>What others than the platform run is counted only so often, since all pods of a cluster are read for it.</summary>
    private static readonly TimeSpan RoomPeriod = TimeSpan.FromMinutes(2);

    /// <summary>When the platform's own replicas have come or gone, so has room.</summary>
    private static readonly TimeSpan RoomPeriodMin = TimeSpan.FromSeconds(1);

    /// <summary>The sign of life of the watch.</summary>
    private static readonly TimeSpan LifePeriod = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    /// <summary>Pools, or runs, written at once.</summary>
    private const int OwnersMax = 500;

    private readonly Lock _gate = new();
    private readonly ClusterState _state = new(facts.Name);
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(1);

    /// <summary>The room as it was last counted; null when the last count failed: a watch that cannot count gives no sign of life.</summary>
    private ClusterSeen? _seen;

    private Fault? _interrupted;
    private Fault? _uncounted;

    /// <summary>What keeps it from hearing of the cluster, or from counting its room; null when nothing does.</summary>
    public Fault? Trouble => Volatile.Read(ref _interrupted) ?? Volatile.Read(ref _uncounted);

    private ClusterName Name { get; } = ClusterName.Parse(facts.Name);

    /// <summary>Until it is cancelled, the lease is lost, or the cluster is not known any more.</summary>
    public async Task Run(CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation, lease.Lost);
        if (await watches.Begin(facts.Name, lease.Token, over.Token) is { IsOk: false })
        {
            return;
        }

        Task[] parts = [Listen(over.Token), Tell(over.Token), Look(over.Token)];
        await Task.WhenAny(parts);
        await over.CancelAsync();
        await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task Listen(CancellationToken cancellation)
    {
        await foreach (var news in clusters.Watch(Name, cancellation))
        {
            if (news is ClusterNews.Interrupted interrupted)
            {
                Volatile.Write(ref _interrupted, interrupted.Why);
                log.LogWarning("News of cluster {Cluster} may be late: {Fault}", facts.Name, interrupted.Why);
            }
            else if (news is ClusterNews.Synced)
            {
                Volatile.Write(ref _interrupted, null);

                // Of these it is on record that they have replicas here; those that were not seen have none any more.
                var recorded = await pools.In(facts.Name, cancellation);
                var running = await runs.In(facts.Name, cancellation);
                lock (_gate)
                {
                    _state.Pools.Mark(recorded.Select(pool => pool.Spec.Id));
                    _state.Runs.Mark(running.Select(run => run.Id));
                }
            }

            bool isDirty;
            lock (_gate)
            {
                _state.Hear(news);
                isDirty = _state.IsDirty;
            }

            if (isDirty)
            {
                Signal();
            }
        }
    }

    private async Task Tell(CancellationToken cancellation)
    {
        while (true)
        {
            await _news.Reader.ReadAsync(cancellation);
            await Task.Delay(Gather, clock, cancellation);
            IReadOnlyDictionary<PoolId, IReadOnlyList<SeenReplica>> seenOfPools;
            IReadOnlyDictionary<RunId, IReadOnlyList<SeenAttempt>> seenOfRuns;
            lock (_gate)
            {
                (seenOfPools, seenOfRuns) = (_state.Pools.Take(), _state.Runs.Take());
            }

            if (!await Write(seenOfPools, pools.Observe, _state.Pools, cancellation) || !await Write(seenOfRuns, runs.Observe, _state.Runs, cancellation))
            {
                return;
            }
        }
    }

    /// <returns>False once another watches the cluster.</returns>
    private async Task<bool> Write<TOwner, TSeen>(
        IReadOnlyDictionary<TOwner, IReadOnlyList<TSeen>> seen,
        Func<string, long, IReadOnlyDictionary<TOwner, IReadOnlyList<TSeen>>, CancellationToken, Task<Outcome>> observe,
        SeenGroups<TOwner, TSeen> groups,
        CancellationToken cancellation)
        where TOwner : struct
    {
        foreach (var some in seen.Chunk(OwnersMax))
        {
            try
            {
                if (await observe(facts.Name, lease.Token, some.ToDictionary(entry => entry.Key, entry => entry.Value), cancellation) is { IsOk: false })
                {
                    return false;
                }
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !cancellation.IsCancellationRequested)
            {
                log.LogWarning(failure, "What was seen of {Count} in cluster {Cluster} could not be written; again", some.Length, facts.Name);
                lock (_gate)
                {
                    groups.Mark(some.Select(entry => entry.Key));
                }

                await Task.Delay(RetryPause, clock, cancellation);
                Signal();
            }
        }

        return true;
    }

    private async Task Look(CancellationToken cancellation)
    {
        var (looked, told) = (long.MinValue, long.MinValue);
        while (true)
        {
            bool isHeard, isDue;
            lock (_gate)
            {
                isHeard = _state is { IsSynced: true, IsInterrupted: false };
                isDue = isHeard && (_state.IsRoomOld || IsOver(looked, _seen is null ? LifePeriod : RoomPeriod));
                _state.IsRoomOld &= !isDue;
            }

            if (isDue)
            {
                looked = clock.GetTimestamp();
                await Count(cancellation);
            }

            if (_seen is not null && (isDue || (isHeard && IsOver(told, LifePeriod))))
            {
                told = clock.GetTimestamp();
                // What the platform has there, and the nodes, are as they were, or the watch would have told.
                if (!await TellRoom(isDue ? _seen : _seen with { At = clock.GetUtcNow() }, cancellation))
                {
                    return;
                }

                if (isDue)
                {
                    wake.Reconciler(PoolReconciler.ReconcilerName);
                }
            }

            await Task.Delay(RoomPeriodMin, clock, cancellation);
        }
    }

    private bool IsOver(long since, TimeSpan period) => since == long.MinValue || clock.GetElapsedTime(since) >= period;

    private async Task Count(CancellationToken cancellation)
    {
        IReadOnlyList<Bound> bound;
        lock (_gate)
        {
            bound = _state.Bound(facts);
        }

        var at = clock.GetUtcNow();
        var capacity = await clusters.Capacity(Name, cancellation);
        Volatile.Write(ref _uncounted, capacity.IsOk ? null : capacity.Fault);
        if (capacity.IsOk)
        {
            _seen = ClusterRoom.Seen(facts, bound, capacity.Value, at);
        }
        else
        {
            _seen = null;
            log.LogWarning("The room of cluster {Cluster} could not be seen: {Fault}", facts.Name, capacity.Fault);
        }
    }

    /// <returns>False once another watches the cluster.</returns>
    private async Task<bool> TellRoom(ClusterSeen seen, CancellationToken cancellation)
    {
        try
        {
            var told = await watches.See(seen, lease.Token, cancellation);
            return told.IsOk;
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            log.LogWarning(failure, "The room of cluster {Cluster} could not be told", facts.Name);
            return true;
        }
    }

    private void Signal() => _news.Writer.TryWrite(true);
}
