using Fury.Sdk.Drivers;
using Fury.Sdk.Messaging;

namespace Fury.Sdk.Moving;

/// <summary>
/// A queue whose provider is left at once: messages go to the target, and those that the source still has come when it answers. It may be dead, half dead,
/// silent or slow: it is asked beside the target, within a time of its own, and then left alone for a while, and what it does is no error. The order of a key
/// does not go across.
/// </summary>
internal sealed class EvacuatedQueue(Func<Task<IQueueDriver>> openSource, IQueueDriver target, TimeProvider clock) : TwoQueues(target)
{
    /// <summary>So long whoever receives waits for an answer of the source; what comes later is given to whoever receives then.</summary>
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(1);

    /// <summary>So long the source has for an answer. Many clients connect only when they are asked, so it may begin with that.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan OpenTimeout = TimeSpan.FromSeconds(30);

    /// <summary>So long it is left alone when it had no answer.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>So often it is looked at while the target has nothing.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim _one = new(1);
    private readonly CancellationTokenSource _end = new();
    private readonly Dictionary<QueueSide, Asked> _asked = [];
    private readonly Lock _opening = new();
    private Task<IQueueDriver>? _source;
    private DateTimeOffset _askNext;

    public override string Provider => Target.Provider;

    public override CapabilitySet Declared => Target.Declared;

    /// <summary>The source, to which what was received of it is settled, may be silent: calls end in time by themselves.</summary>
    public override bool EndsAtOnce => false;

    public override ValueTask ProbeAsync(CancellationToken cancellation) => Target.Do(each => each.ProbeAsync(cancellation), cancellation);

    public override async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Target.DisposeAsync();
        if (_source is { } source)
        {
            // It is open, or nobody waits for it any more.
            await ((Task)source).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (source.IsCompletedSuccessfully)
            {
                await (await source).DisposeAsync();
            }
        }

        _one.Dispose();
        _end.Dispose();
    }

    public override ValueTask<bool> SendAsync(DriverMessage message, CancellationToken cancellation) =>
        Target.Ask(each => each.SendAsync(message, cancellation), cancellation);

    public override async ValueTask<IReadOnlyList<DriverDelivery>> ReceiveAsync(
        QueueSide side, int max, TimeSpan lease, TimeSpan wait, CancellationToken cancellation)
    {
        for (var begun = clock.GetTimestamp(); ;)
        {
            // What the source has is older.
            if (await Late(side, max, lease, cancellation) is { Count: > 0 } older)
            {
                return older;
            }

            var left = wait - clock.GetElapsedTime(begun);
            var turn = left <= TimeSpan.Zero ? TimeSpan.Zero : left < Turn ? left : Turn;
            var found = await Target.Ask(each => each.ReceiveAsync(side, max, lease, turn, cancellation), cancellation);
            if (found.Count > 0 || left <= Turn)
            {
                return Marked(InTarget, found);
            }
        }
    }

    /// <summary>Of the target: what the source has nobody may know.</summary>
    public override ValueTask<QueueDepth> GetDepthAsync(CancellationToken cancellation) =>
        Target.Ask(each => each.GetDepthAsync(cancellation), cancellation);

    protected override async ValueTask<IQueueDriver> Source()
    {
        Task<IQueueDriver> source;
        lock (_opening)
        {
            // One that could not be opened is opened anew.
            source = _source is { IsFaulted: false, IsCanceled: false } ? _source : _source = Opened();
        }

        return await source;
    }

    private async Task<IQueueDriver> Opened()
    {
        var opening = openSource();
        try
        {
            return await opening.WaitAsync(OpenTimeout, clock, _end.Token);
        }
        catch
        {
            // What comes when nobody waits for it any more is closed at once.
            _ = opening.ContinueWith(
                static late => late.Result.DisposeAsync().AsTask(),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion,
                TaskScheduler.Default);
            throw;
        }
    }

    private async ValueTask<IReadOnlyList<DriverDelivery>> Late(QueueSide side, int max, TimeSpan lease, CancellationToken cancellation)
    {
        // One waits at a time: where there is no answer, the others are not to wait for it.
        if (!await _one.WaitAsync(TimeSpan.Zero, cancellation))
        {
            return [];
        }

        try
        {
            if (!_asked.TryGetValue(side, out var asked))
            {
                if (clock.GetUtcNow() < _askNext)
                {
                    return [];
                }

                _asked[side] = asked = new Asked(Ask(side, max, lease), clock.GetTimestamp());
            }

            if (AskTimeout - clock.GetElapsedTime(asked.Begun) is var left && left > TimeSpan.Zero)
            {
                await ((Task)asked.Answer).WaitAsync(left, clock, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            // Whoever is gone takes nothing with him.
            cancellation.ThrowIfCancellationRequested();
            return asked.Answer.IsCompleted ? await Answered(side, asked, max) : [];
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>What an ask that is over has found.</summary>
    private async ValueTask<IReadOnlyList<DriverDelivery>> Answered(QueueSide side, Asked asked, int max)
    {
        _asked.Remove(side);
        if (!asked.Answer.IsCompletedSuccessfully)
        {
            // That is why it is left.
            _askNext = clock.GetUtcNow() + Pause;
            return [];
        }

        var found = (await asked.Answer).Where(each => each.LeaseExpiresAt > clock.GetUtcNow()).ToList();
        if (found.Count > max)
        {
            // Whoever asked may have wanted more than whoever gets it.
            _asked[side] = asked with { Answer = Task.FromResult<IReadOnlyList<DriverDelivery>>(found[max..]) };
        }

        return Marked(InSource, [.. found.Take(max)]);
    }

    private async Task<IReadOnlyList<DriverDelivery>> Ask(QueueSide side, int max, TimeSpan lease)
    {
        using var late = new CancellationTokenSource(AnswerTimeout, clock);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _end.Token);
        var source = await Source().AsTask().WaitAsync(ends.Token);
        return await source.ReceiveAsync(side, max, lease, TimeSpan.Zero, ends.Token).AsTask().WaitAsync(ends.Token);
    }

    /// <summary>What the source was asked.</summary>
    private sealed record Asked(Task<IReadOnlyList<DriverDelivery>> Answer, long Begun);
}
