namespace Fury.LittleMonster;

/// <summary>What callers in this process ask for.</summary>
internal sealed partial class Engine
{
    private readonly HashSet<SagaId> _startingIds = [];

    /// <summary>Starts a saga here; null when its shard is not this host's, so that it must go through the inbox.</summary>
    public async Task<CommitResult?> Start(SagaDefinition definition, SagaRecord blank, Func<SagaRecord, StartRow> row)
    {
        var ended = new TaskCompletionSource<CommitResult?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = _signals.Writer.TryWrite(() =>
        {
            if (!_owned.Contains(blank.Shard) || _draining.Contains(blank.Shard) || _stopping.IsCancellationRequested)
            {
                ended.TrySetResult(null);
            }
            else
            {
                Begin(definition, blank, row, null, result => ended.TrySetResult(result));
            }
        });
        if (!asked)
        {
            ended.TrySetResult(null);
        }

        return await ended.Task;
    }

    private void Begin(
        SagaDefinition? definition,
        SagaRecord blank,
        Func<SagaRecord, StartRow> row,
        long? inbox,
        Action<CommitResult> ended)
    {
        SagaRecord saga;
        SagaWrite write;
        try
        {
            (saga, write) = definition is null
                ? (blank with { Seq = 1, State = SagaState.Parked }, new SagaWrite(0, [], []))
                : Decide.Start(definition, blank, Now);
        }
#pragma warning disable CA1031 // A definition's own functions (ledger, sleep) may throw.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ended(new CommitResult.Rejected(exception));
            return;
        }

        Enter(saga, row(saga), write, inbox, ended);
    }

    /// <summary>Writes a saga that is not live yet, and takes it in hand once that is committed. Until then its shard stays here.</summary>
    private void Enter(SagaRecord saga, StartRow? start, SagaWrite write, long? inbox, Action<CommitResult> ended)
    {
        _starting[saga.Shard] = _starting.GetValueOrDefault(saga.Shard) + 1;
        _startingIds.Add(saga.Id);
        Commit(new CommitItem
        {
            Saga = saga,
            Start = start,
            Write = write,
            Inbox = inbox is { } id ? [id] : [],
            Ended = result =>
            {
                // In this order: a caller who then waits for the saga finds it in hand.
                Post(() => Entered(saga, inbox, result));
                ended(result);
            },
        });
    }

    private void Entered(SagaRecord saga, long? inbox, CommitResult result)
    {
        Settle(saga.Shard, saga.Id);
        if (result is CommitResult.Committed)
        {
            UsedUp(inbox);
            if (!saga.IsFinal)
            {
                Admit(saga);
            }
        }

        Release(saga.Shard);
        TakeInSkipped();
    }

    private void Settle(short shard, SagaId id)
    {
        if (--_starting[shard] == 0)
        {
            _starting.Remove(shard);
        }

        _startingIds.Remove(id);
    }

    public void Nudge(SagaId id, Action notHere) => Post(() =>
    {
        if (_live.TryGetValue(id, out var live))
        {
            Handle(live, new SagaEvent.Nudged());
        }
        else
        {
            notHere();
        }
    });

    /// <summary>The saga as this host has it; null when it is not live here.</summary>
    public Task<SagaRecord?> Find(SagaId id) => Ask(() => _live.TryGetValue(id, out var live) ? Shown(live) : null, null);

    /// <summary>Those of the sagas that are live here, as this host has them.</summary>
    public Task<IReadOnlyDictionary<SagaId, SagaRecord>> Find(IReadOnlyList<SagaId> ids) => Ask(
        () => ids.Where(_live.ContainsKey).ToDictionary(id => id, id => Shown(_live[id])),
        (IReadOnlyDictionary<SagaId, SagaRecord>)new Dictionary<SagaId, SagaRecord>());

    /// <summary>Ends when the saga has ended or is stuck; with null when it is not live here, or no longer.</summary>
    public async Task<SagaRecord?> WaitFor(SagaId id, CancellationToken cancellation)
    {
        var waiter = new TaskCompletionSource<SagaRecord?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = _signals.Writer.TryWrite(() =>
        {
            // An incarnation that is over does not know how the saga ends.
            var live = _stopping.IsCancellationRequested ? null : _live.GetValueOrDefault(id);
            if (live is null || live.Seen.State is SagaState.Stuck)
            {
                waiter.TrySetResult(live is null ? null : Shown(live));
            }
            else
            {
                (live.Waiters ??= []).Add(waiter);
            }
        });
        if (!asked)
        {
            waiter.TrySetResult(null);
        }

        try
        {
            return await waiter.Task.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            Post(() => _live.GetValueOrDefault(id)?.Waiters?.Remove(waiter));
            throw;
        }
    }

    private static SagaRecord Shown(LiveSaga live) => live.Definition is null ? live.Seen with { State = SagaState.Parked } : live.Seen;
}
