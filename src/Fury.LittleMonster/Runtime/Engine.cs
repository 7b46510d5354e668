using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Fury.LittleMonster;

/// <summary>What an engine stands on.</summary>
internal sealed record EngineParts(
    HostLease Host,
    ISagaStore Store,
    IChildSagas Children,
    LeaseGuard Guard,
    DatabaseClock Clock,
    LittleMonsterSettings Settings,
    Schedulers Schedulers,
    Random Chance,
    ILogger Log)
{
    /// <summary>Called in the loop when a draining shard has come to rest, to give it to whoever wants it.</summary>
    public Action<short> Rested { get; init; } = _ => { };

    /// <summary>Tells the other hosts that what a saga polls for may have happened.</summary>
    public Action<SagaId> NudgeElsewhere { get; init; } = _ => { };
}

/// <summary>
/// Runs the sagas of this host's shards, for the life of one incarnation. All its state belongs to one loop, so nothing in it is locked;
/// steps and flushes run beside the loop and come back to it as signals.
/// </summary>
internal sealed partial class Engine : IAsyncDisposable
{
    /// <summary>Items that may wait for a lane before another is asked.</summary>
    private const int BacklogMax = 128;

    private readonly EngineParts _parts;
    private readonly Lane[] _lanes;
    private readonly Channel<Action> _signals = Channel.CreateUnbounded<Action>(new() { SingleReader = true });
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<SagaId, LiveSaga> _live = [];
    private readonly Task _work;
    private bool _aborted;

    /// <param name="lane">Makes a lane; it is given what to call when this incarnation is declared dead.</param>
    public Engine(EngineParts parts, Func<Action, Lane> lane)
    {
        _parts = parts;
        _limits = new RateLimits(parts.Settings.Limits);
        _lanes = [.. Enumerable.Range(0, parts.Settings.Lanes).Select(_ => lane(Fenced))];
        _wakeTimer = parts.Clock.Local.CreateTimer(_ => Post(WakeDue), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _limitTimer = parts.Clock.Local.CreateTimer(_ => Post(Pump), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _gatherTimer = parts.Clock.Local.CreateTimer(_ => Post(SendGathered), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _inboxTimer = parts.Clock.Local.CreateTimer(_ => Post(Tick), null, InboxPeriod, InboxPeriod);
        parts.Guard.Lost = () => Post(LeaseUnsure);
        _work = Task.WhenAll([Spawn(Loop), .. _lanes.Select(one => Spawn(() => one.Run(_stopping.Token)))]);
    }

    /// <summary>Ends when this incarnation is over: declared dead, or stopped.</summary>
    public Task Over => _over.Task;

    public long Host => _parts.Host.Host;

    private SagaRegistry Registry => _parts.Host.Registry;

    private DateTimeOffset Now => _parts.Clock.Now;

    /// <summary>Stops everything at once and hands nothing over, as a crash would. What was committed is all that remains.</summary>
    public void Abort()
    {
        if (Interlocked.Exchange(ref _aborted, true))
        {
            return;
        }

        _over.TrySetResult();
        _parts.Guard.End();
        Cancel(_stopping);
        _signals.Writer.TryComplete();
    }

    public async ValueTask DisposeAsync()
    {
        Abort();
        await _work;
        foreach (var lane in _lanes)
        {
            await lane.DisposeAsync();
        }

        foreach (var timer in new[] { _wakeTimer, _limitTimer, _gatherTimer, _inboxTimer })
        {
            await timer.DisposeAsync();
        }

        _parts.Guard.Dispose();
        _stopping.Dispose();
    }

    private Task Spawn(Func<Task> work) => Schedulers.Run(_parts.Schedulers.Engine, work);

    /// <summary>What others have registered runs in here, Npgsql's and steps' too, and may throw; that is not this host's end.</summary>
    private void Cancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (Exception exception) when (exception is AggregateException or ObjectDisposedException)
        {
            _parts.Log.LogDebug(exception, "What was told to end did not take it well");
        }
    }

    private void Fenced()
    {
        _parts.Guard.End();
        _over.TrySetResult();
    }

    /// <summary>Bounded by what it speaks of: steps under way, flushed items, callers who wait, and timers.</summary>
    private void Post(Action signal) => _signals.Writer.TryWrite(signal);

    private Task<T> Ask<T>(Func<T> question, T whenOver)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_signals.Writer.TryWrite(() => answer.TrySetResult(question())))
        {
            answer.TrySetResult(whenOver);
        }

        return answer.Task;
    }

    private async Task Loop()
    {
        try
        {
            while (await _signals.Reader.WaitToReadAsync(_stopping.Token))
            {
                while (!_stopping.IsCancellationRequested && _signals.Reader.TryRead(out var signal))
                {
                    signal();
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Over.
        }
#pragma warning disable CA1031 // A bug in the loop ends this incarnation, loudly; the next one begins from what is committed.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _parts.Log.LogCritical(exception, "The engine of host {Host} broke and begins anew", _parts.Host.Host);
            Abort();
        }

        InterruptAll();
        foreach (var waiter in _live.Values.SelectMany(live => live.Waiters ?? []))
        {
            waiter.TrySetResult(null);
        }

        // Questions that came too late for an answer.
        while (_signals.Reader.TryRead(out var signal))
        {
            signal();
        }
    }

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

        if (decision.Saga.State is SagaState.Stuck && decision.Write is not null)
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

        lane.Add(item);
    }
}
