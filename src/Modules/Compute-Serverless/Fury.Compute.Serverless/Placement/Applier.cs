using System.Threading.Channels;
using Fury.Compute.Serverless.Clusters;
using Fury.Kernel;
using Microsoft.Extensions.Logging;

namespace Fury.Compute.Serverless.Placement;

/// <summary>
/// The one who promises. Planners at once propose on snapshots; here one batch after the other is checked against everything that is promised,
/// written, and only then shown and answered. So a crash between any two of these loses answers at most, and asking again finds what was
/// written. Whoever runs it holds a lease; its token is the fence.
/// </summary>
internal sealed class Applier(IReservationStore store, TimeProvider clock, ILogger<Applier> log)
{
    /// <summary>Asked and not yet begun; more wait at the door.</summary>
    private const int WaitingMax = 4096;

    /// <summary>Written in one transaction.</summary>
    private const int BatchMax = 512;

    private static readonly TimeSpan RetryFirst = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(5);

    private readonly Channel<Asked> _asked = Channel.CreateBounded<Asked>(new BoundedChannelOptions(WaitingMax) { SingleReader = true });
    private readonly Ledger _ledger = new();
    private readonly Planner _planner = new();
    private Fleet _fleet = Fleet.Empty;

    /// <summary>The newest that everything in is written; read without a lock.</summary>
    public Fleet Fleet => Volatile.Read(ref _fleet);

    /// <summary>Answers until it is cancelled, or another has taken over (<see cref="FaultKind.Stale"/>).</summary>
    public async Task<Fault?> Run(long fence, CancellationToken cancellation)
    {
        Fault? fault = null;
        List<Asked> batch = [];
        try
        {
            fault = await Reload(fence, cancellation);
            while (fault is null && await _asked.Reader.WaitToReadAsync(cancellation))
            {
                while (batch.Count < BatchMax && _asked.Reader.TryRead(out var asked))
                {
                    batch.Add(asked);
                }

                fault = await Work(fence, batch, cancellation);
                batch.Clear();
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
        finally
        {
            _asked.Writer.TryComplete();
            while (_asked.Reader.TryRead(out var asked))
            {
                batch.Add(asked);
            }

            batch.ForEach(asked => asked.Refuse(fault ?? Fault.Unavailable("This host has stopped placing; ask again.")));
        }

        return fault;
    }

    public Task<Outcome<Applied>> Apply(PlacementRequest request, Decision plan, CancellationToken cancellation) =>
        Ask(new Asked<Applied>((ledger, changes) => ledger.Apply(request, plan, clock.GetUtcNow(), changes)), cancellation);

    /// <summary>Plans and promises in one go, on all that is promised until then, so that nobody comes in between. Holds up all others meanwhile.</summary>
    public Task<Outcome<Applied>> PlanAndApply(PlacementRequest request, CancellationToken cancellation) => Ask(
        new Asked<Applied>((ledger, changes) =>
        {
            var now = clock.GetUtcNow();
            return ledger.Apply(request, _planner.Plan(ledger.Fleet, request, now), now, changes);
        }),
        cancellation);

    public Task<Outcome<bool>> See(ClusterSeen seen, CancellationToken cancellation) =>
        Ask((ledger, changes) => ledger.See(seen, changes), cancellation);

    public Task<Outcome<bool>> Put(Cluster cluster, CancellationToken cancellation) => Ask((ledger, _) => ledger.Put(cluster), cancellation);

    public Task<Outcome<bool>> Remove(string cluster, CancellationToken cancellation) =>
        Ask((ledger, changes) => ledger.Remove(cluster, changes), cancellation);

    public Task<Outcome<bool>> Judge(string cluster, HealthPhase phase, CancellationToken cancellation) =>
        Ask((ledger, _) => ledger.Judge(cluster, phase), cancellation);

    /// <inheritdoc cref="Ledger.Release"/>
    public Task<Outcome<bool>> Release(PoolId pool, string cluster, CancellationToken cancellation) =>
        Ask((ledger, changes) => ledger.Release(pool, cluster, clock.GetUtcNow(), changes), cancellation);

    /// <inheritdoc cref="Ledger.Retire"/>
    public Task<Outcome<bool>> Retire(PoolId pool, CancellationToken cancellation) =>
        Ask((ledger, changes) => ledger.Retire(pool, clock.GetUtcNow(), changes), cancellation);

    private Task<Outcome<bool>> Ask(Action<Ledger, ReservationChanges> act, CancellationToken cancellation) => Ask(
        new Asked<bool>((ledger, changes) =>
        {
            act(ledger, changes);
            return true;
        }),
        cancellation);

    private async Task<Outcome<T>> Ask<T>(Asked<T> asked, CancellationToken cancellation)
    {
        try
        {
            await _asked.Writer.WriteAsync(asked, cancellation);
        }
        catch (ChannelClosedException)
        {
            return Fault.Unavailable("This host has stopped placing; ask again.");
        }

        return await asked.Answer.WaitAsync(cancellation);
    }

    private async Task<Fault?> Work(long fence, List<Asked> batch, CancellationToken cancellation)
    {
        var changes = new ReservationChanges();
        foreach (var asked in batch)
        {
            asked.Act(_ledger, changes);
        }

        try
        {
            if (!changes.None && await store.Write(fence, changes, cancellation) is { IsOk: false } refused)
            {
                batch.ForEach(asked => asked.Refuse(refused.Fault!));
                return refused.Fault;
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            // Written or not: only the table knows. What was seen and said of clusters stays, it was never in the table.
            log.LogWarning(failure, "{Count} answers are lost; what was promised is read anew.", batch.Count);
            batch.ForEach(asked => asked.Refuse(Fault.Unavailable("The promise may not have been written; ask again.", failure)));
            return await Reload(fence, cancellation);
        }

        Volatile.Write(ref _fleet, _ledger.Fleet);
        batch.ForEach(asked => asked.Tell());
        return null;
    }

    /// <summary>Tries until the table can be read.</summary>
    private async Task<Fault?> Reload(long fence, CancellationToken cancellation)
    {
        for (var pause = RetryFirst; ; pause = pause * 2 < RetryMax ? pause * 2 : RetryMax)
        {
            try
            {
                var promises = await store.TakeOver(fence, cancellation);
                if (!promises.IsOk)
                {
                    return promises.Fault;
                }

                _ledger.Load(promises.Value);
                Volatile.Write(ref _fleet, _ledger.Fleet);
                return null;
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !cancellation.IsCancellationRequested)
            {
                log.LogWarning(failure, "Promises cannot be read; again in {Pause}.", pause);
                await Task.Delay(pause, clock, cancellation);
            }
        }
    }

    private abstract class Asked
    {
        public abstract void Act(Ledger ledger, ReservationChanges changes);

        /// <summary>It is written.</summary>
        public abstract void Tell();

        public abstract void Refuse(Fault fault);
    }

    private sealed class Asked<T>(Func<Ledger, ReservationChanges, T> act) : Asked
    {
        private readonly TaskCompletionSource<Outcome<T>> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T _result = default!;

        public Task<Outcome<T>> Answer => _answer.Task;

        public override void Act(Ledger ledger, ReservationChanges changes) => _result = act(ledger, changes);

        public override void Tell() => _answer.TrySetResult(_result);

        public override void Refuse(Fault fault) => _answer.TrySetResult(fault);
    }
}
