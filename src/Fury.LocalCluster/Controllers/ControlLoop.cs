using Microsoft.Extensions.Logging;

namespace Fury.LocalCluster;

/// <summary>One of the cluster's own controllers. All of a cluster take turns on one loop, so none needs a lock of its own.</summary>
internal interface IController
{
    /// <summary>Told of every change in order, to note what it has to look at. Must not write.</summary>
    void Note(Change change);

    /// <summary>Brings what was noted to where it should be; may run more often than needed. Returns when it wants to look again, if nothing changes.</summary>
    DateTimeOffset? Pass();
}

/// <summary>Lets the controllers work whenever something has changed, and when one of them has asked for it.</summary>
internal sealed class ControlLoop : IAsyncDisposable
{
    /// <summary>A clock that stands still must not make the loop run without a pause.</summary>
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan PauseMax = TimeSpan.FromHours(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private readonly ObjectStore _store;
    private readonly IReadOnlyList<IController> _controllers;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopping = new();
    private List<Change> _changes = [];
    private TaskCompletionSource _wake = NewWake();
    private Task _running = Task.CompletedTask;

    public ControlLoop(ObjectStore store, IReadOnlyList<IController> controllers, TimeProvider clock, ILogger log)
    {
        (_store, _controllers, _clock, _log) = (store, controllers, clock, log);
        _store.Changed += Add;
    }

    public void Start() => _running = Task.Run(Run);

    /// <summary>Lets every controller look again, because something has changed that is not in the store.</summary>
    public void Wake()
    {
        lock (_lock)
        {
            _wake.TrySetResult();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _store.Changed -= Add;
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private void Add(Change change)
    {
        lock (_lock)
        {
            _changes.Add(change);
            _wake.TrySetResult();
        }
    }

    private async Task Run()
    {
        while (!_stopping.IsCancellationRequested)
        {
            List<Change> changes;
            Task wake;
            lock (_lock)
            {
                (changes, _changes) = (_changes, []);
                _wake = NewWake();
                wake = _wake.Task;
            }

            var due = Turn(changes);
            var pause = due is null ? PauseMax : due.Value - _clock.GetUtcNow();
            pause = TimeSpan.FromTicks(Math.Clamp(pause.Ticks, PauseMin.Ticks, PauseMax.Ticks));
            using var sleeping = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            await Task.WhenAny(wake, Task.Delay(pause, _clock, sleeping.Token));
            await sleeping.CancelAsync();
        }
    }

    private DateTimeOffset? Turn(List<Change> changes)
    {
        DateTimeOffset? due = null;
        foreach (var controller in _controllers)
        {
            try
            {
                foreach (var change in changes)
                {
                    controller.Note(change);
                }

                due = Earlier(due, controller.Pass());
            }
#pragma warning disable CA1031 // One controller's bug must not stop the others; it is tried again.
            catch (Exception failure)
            {
                _log.LogError(failure, "{Controller} has failed.", controller.GetType().Name);
                due = Earlier(due, _clock.GetUtcNow() + AfterFailure);
            }
#pragma warning restore CA1031
        }

        return due;
    }

    public static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) =>
        one is null ? other : other is null || one < other ? one : other;

    private static TaskCompletionSource NewWake() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
