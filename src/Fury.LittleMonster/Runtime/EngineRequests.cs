using System.Text.Json;
using Fury.Kernel;
using Microsoft.Extensions.Logging;

namespace Fury.LittleMonster;

/// <summary>What callers ask for, in this process and through the inbox.</summary>
internal sealed partial class Engine
{
    /// <summary>Requests taken in at a time.</summary>
    public const int InboxRowsMax = 500;

    /// <summary>The safety net for wakes that were lost.</summary>
    public static readonly TimeSpan InboxPeriod = TimeSpan.FromSeconds(1);

    private readonly ITimer _inboxTimer;
    private readonly HashSet<long> _taken = [];
    private readonly HashSet<SagaId> _startingIds = [];
    private List<long> _usedUp = [];
    private bool _taking;
    private bool _takeAgain;

    /// <summary>Starts a saga here; null when its shard is not this host's, so that it must go through the inbox.</summary>
    public async Task<CommitResult?> Start(SagaDefinition definition, SagaRecord blank, Func<SagaRecord, StartRow> row)
    {
        var ended = new TaskCompletionSource<CommitResult?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = await Ask(
            () =>
            {
                if (!_owned.Contains(blank.Shard) || _draining.Contains(blank.Shard) || _stopping.IsCancellationRequested)
                {
                    return false;
                }

                Begin(definition, blank, row, null, result => ended.TrySetResult(result));
                return true;
            },
            false);
        return asked ? await ended.Task : null;
    }

    private void Begin(
        SagaDefinition? definition,
        SagaRecord blank,
        Func<SagaRecord, StartRow> row,
        long? inbox,
        Action<CommitResult> ended)
    {
        var (saga, write) = definition is null
            ? (blank with { Seq = 1 }, new SagaWrite(0, [], []))
            : Decide.Start(definition, blank, Now);
        _starting[saga.Shard] = _starting.GetValueOrDefault(saga.Shard) + 1;
        _startingIds.Add(saga.Id);
        LaneOf(saga.Shard).Add(new CommitItem
        {
            Saga = saga,
            Start = row(saga),
            Write = write,
            Inbox = inbox is { } id ? [id] : [],
            Ended = result =>
            {
                // In this order: a caller who then waits for the saga finds it in hand.
                Post(() => Begun(saga, inbox, result));
                ended(result);
            },
        });
    }

    private void Begun(SagaRecord saga, long? inbox, CommitResult result)
    {
        if (--_starting[saga.Shard] == 0)
        {
            _starting.Remove(saga.Shard);
        }

        _startingIds.Remove(saga.Id);
        if (result is CommitResult.Committed)
        {
            UsedUp(inbox);
            Admit(saga);
        }

        Release(saga.Shard);
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

    /// <summary>Ends when the saga has ended or is stuck; with null when it is not live here, or no longer.</summary>
    public async Task<SagaRecord?> WaitFor(SagaId id, CancellationToken cancellation)
    {
        var waiter = new TaskCompletionSource<SagaRecord?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = await Ask(
            () =>
            {
                var live = _live.GetValueOrDefault(id);
                if (live is null || live.Seen.State is SagaState.Stuck || _stopping.IsCancellationRequested)
                {
                    waiter.TrySetResult(live is null ? null : Shown(live));
                }
                else
                {
                    live.Waiters.Add(waiter);
                }

                return true;
            },
            false);
        return asked ? await waiter.Task.WaitAsync(cancellation) : null;
    }

    private static SagaRecord Shown(LiveSaga live) => live.Definition is null ? live.Seen with { State = SagaState.Parked } : live.Seen;

    /// <summary>There may be something in the inbox.</summary>
    public void WakeInbox() => Post(TakeIn);

    private void TakeIn()
    {
        if (_taking || _owned.Count == 0)
        {
            _takeAgain = _taking;
            return;
        }

        _taking = true;
        _takeAgain = false;
        var (shards, known, used) = (_owned.Except(_draining).ToArray(), _taken.ToArray(), _usedUp);
        _usedUp = [];
        _ = Read(shards, known, used);
    }

    private async Task Read(short[] shards, long[] known, List<long> used)
    {
        IReadOnlyList<InboxRow> rows = [];
        try
        {
            rows = await _parts.Store.Inbox(shards, known, InboxRowsMax, _stopping.Token);
        }
        catch (Exception exception) when (Database.MayPass(exception))
        {
            // The next period is the retry.
            _parts.Log.LogDebug(exception, "The inbox could not be read");
        }

        Post(() =>
        {
            // These were gone from the table before it was read, so they can never come back.
            _taken.ExceptWith(used);
            _taking = false;
            foreach (var row in rows.Where(row => _owned.Contains(row.Shard) && !_draining.Contains(row.Shard)))
            {
                try
                {
                    Take(row);
                }
                catch (Exception exception) when (exception is JsonException or NotSupportedException)
                {
                    // It stays in the table for a person to see, and is not looked at again in this incarnation.
                    _parts.Log.LogError(exception, "Row {Row} of the inbox, for saga {Saga}, cannot be read", row.Id, row.Saga);
                }
            }

            if (_takeAgain || rows.Count == InboxRowsMax)
            {
                TakeIn();
            }
        });
    }

    private void Take(InboxRow row)
    {
        var id = new SagaId(row.Saga);
        if (_startingIds.Contains(id) || !_taken.Add(row.Id))
        {
            return;
        }

        if (row.Kind == (short)InboxKind.Start)
        {
            var request = StartRequest.Read(row.Payload);
            Begin(
                Registry.Find(request.Name, request.Version),
                request.Blank(id, Now),
                saga => new StartRow(saga, request.Definition, null, null),
                row.Id,
                _ => { });
        }
        else if (_live.TryGetValue(id, out var live))
        {
            Handle(live, new SagaEvent.CancelAsked(JsonSerializer.Deserialize<string>(row.Payload, FuryJson.Options)!), row.Id);
        }
        else
        {
            UseUp(new StartRequest(0, "", 0, "", 0, default).Blank(id, Now) with { Shard = row.Shard }, row.Id);
        }
    }

    /// <summary>Takes an inbox row away that changes nothing.</summary>
    private void UseUp(SagaRecord saga, long? inbox)
    {
        if (inbox is { } row)
        {
            LaneOf(saga.Shard).Add(new CommitItem { Saga = saga, Inbox = [row], Ended = _ => Post(() => UsedUp(row)) });
        }
    }

    private void UsedUp(long? inbox)
    {
        if (inbox is { } row)
        {
            _usedUp.Add(row);
        }
    }
}
