using Microsoft.Extensions.Logging;

namespace Fury.LittleMonster;

/// <summary>What becomes of a saga when something happens to it: decided, written, and then done.</summary>
internal sealed partial class Engine
{
    /// <summary>Items that may wait for a lane before another is asked.</summary>
    private const int BacklogMax = 128;

    private void Handle(LiveSaga live, SagaEvent happened, long? inbox = null)
    {
        if (live.Writing)
        {
            (live.Pending ??= new()).Enqueue((happened, inbox));
            return;
        }

        if (live.Definition is not { } definition)
        {
            return;
        }

        Decision decision;
        try
        {
            decision = Decide.Next(definition, live.Saga, happened, Now, _parts.Chance.NextDouble());
        }
#pragma warning disable CA1031 // A definition's own functions (ledger, sleep, upgrade) may throw; that is one saga's trouble.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Park(live, exception);
            return;
        }

        live.Saga = decision.Saga;
        if (decision.Write is null && inbox is null)
        {
            live.Seen = decision.Saga;
            Perform(live, decision.Move);
            Arm(live);
            return;
        }

        live.Writing = true;
        Commit(new CommitItem
        {
            Saga = decision.Saga,
            Write = decision.Write,
            Inbox = inbox is { } row ? [row] : [],
            Ended = result => Post(() => Written(live, decision, inbox, result)),
        });
    }

    private void Written(LiveSaga live, Decision decision, long? inbox, CommitResult result)
    {
        live.Writing = false;
        if (result is CommitResult.Dropped)
        {
            return;
        }

        if (result is CommitResult.Rejected rejected)
        {
            Park(live, rejected.Cause);
            return;
        }

        UsedUp(inbox);
        live.Seen = decision.Saga;
        if (decision.Saga.IsFinal)
        {
            End(live);
            return;
        }

        if (decision.Write is { } written && written.Journal.Any(entry => entry.Kind is JournalKind.Stuck))
        {
            Telemetry.SagaEnded(decision.Saga);
            _parts.Log.LogError("Saga {Saga} ({Name}) is stuck: {Fault}", live.Seen.Id, live.Seen.Name, live.Seen.Fault?.Message);
            Tell(live);
        }

        Perform(live, decision.Move);
        while (!live.Writing && live.Pending is { } pending && pending.TryDequeue(out var next))
        {
            Handle(live, next.Event, next.Inbox);
        }

        Arm(live);
        Release(live.Saga.Shard);
    }

    private void End(LiveSaga live)
    {
        Telemetry.SagaEnded(live.Saga);
        Tell(live);
        var again = false;
        foreach (var (happened, inbox) in live.Pending ?? [])
        {
            if (happened is SagaEvent.RevertAsked && inbox is { } row)
            {
                // It came while the saga's end was being written: it is read again, and brings the saga back.
                again = _taken.Remove(row);
            }
            else
            {
                UseUp(live.Saga.Shard, inbox);
            }
        }

        Forget(live);
        if (again)
        {
            TakeIn();
        }
    }

    private void Tell(LiveSaga live)
    {
        foreach (var waiter in live.Waiters ?? [])
        {
            waiter.TrySetResult(live.Seen);
        }

        live.Waiters = null;
        if (live.Seen.Parent is { } parent)
        {
            Nudge(parent, () => _parts.NudgeElsewhere(parent));
        }
    }

    /// <summary>It stays where it is, and is shown as parked, until a host comes that can run it.</summary>
    private void Park(LiveSaga live, Exception cause)
    {
        _parts.Log.LogError(cause, "Saga {Saga} ({Name}) is parked", live.Saga.Id, live.Saga.Name);
        live.Definition = null;
        _wakes.Remove(live);
    }

    /// <summary>
    /// The first lane, so that flushes are large and commits few; when much waits for it, the next one. What gets a turn of its key numbered
    /// keeps to the first: turns follow the order of flushes.
    /// </summary>
    private void Commit(CommitItem item)
    {
        var lane = _lanes[0];
        if (item.Start is null && item.Write is not { Revive: true })
        {
            foreach (var other in _lanes)
            {
                lane = other;
                if (lane.Queued < BacklogMax)
                {
                    break;
                }
            }
        }

        try
        {
            item.Encode();
        }
#pragma warning disable CA1031 // What cannot be written down is one saga's trouble.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            item.Ended(new CommitResult.Rejected(exception));
            return;
        }

        lane.Add(item);
    }
}
