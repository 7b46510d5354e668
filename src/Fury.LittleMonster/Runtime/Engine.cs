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
        _parts.Guard.Lose();
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
}
