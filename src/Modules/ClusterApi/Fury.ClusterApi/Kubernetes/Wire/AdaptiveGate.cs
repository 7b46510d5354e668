namespace Fury.ClusterApi.Kubernetes.Wire;

/// <summary>Lets so many requests through at once as <see cref="AdaptiveLimit"/> says; the others wait in line, and a full line refuses.</summary>
internal sealed class AdaptiveGate(TimeProvider clock)
{
    public const int WaitingMax = 4096;

    private readonly Lock _lock = new();
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private AdaptiveLimit _limit = AdaptiveLimit.Start;
    private int _inside;

    /// <summary>False when the line is full. Whoever is let in must <see cref="Leave"/>.</summary>
    public async Task<bool> Enter(CancellationToken cancellation)
    {
        TaskCompletionSource turn;
        lock (_lock)
        {
            if (_inside < _limit.Whole)
            {
                _inside++;
                return true;
            }

            if (_waiting.Count >= WaitingMax)
            {
                return false;
            }

            turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(turn);
        }

        using var told = cancellation.UnsafeRegister(_ => turn.TrySetCanceled(cancellation), null);
        await turn.Task;
        return true;
    }

    /// <param name="refused">The server said that it was too much.</param>
    /// <param name="took">Null when nothing was answered.</param>
    public void Leave(TimeSpan? took, bool refused)
    {
        lock (_lock)
        {
            _inside--;
            var now = clock.GetUtcNow();
            _limit = refused ? _limit.Refused(now) : took is { } time ? _limit.Answered(time, now) : _limit;
            while (_inside < _limit.Whole && _waiting.TryDequeue(out var turn))
            {
                // One that has been cancelled in line takes no place.
                _inside += turn.TrySetResult() ? 1 : 0;
            }
        }
    }
}
