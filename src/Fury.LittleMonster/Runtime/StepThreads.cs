namespace Fury.LittleMonster;

/// <summary>
/// Threads for the code of steps, so that steps that block their thread hold up nothing but each other. One works until a backlog asks for
/// more, up to one a core; beyond that a thread is added whenever nothing has begun for <see cref="Patience"/> though something waits. A
/// thread that has had nothing to do for <see cref="IdleMax"/> ends.
/// </summary>
internal sealed class StepThreads : TaskScheduler, IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);

    /// <summary>Waking a thread costs more than many a step: one that works takes so many before another is woken.</summary>
    private const int BacklogOfOne = 16;

    private static readonly TimeSpan IdleMax = TimeSpan.FromSeconds(10);

    private readonly object _gate = new();
    private readonly Queue<Task> _queue = new();
    private readonly int _threadsMax;
    private readonly Timer _watch;
    private int _threads;
    private int _idle;
    private int _woken;
    private bool _stopped;
    private bool _watching;
    private long _begun;
    private long _begunBefore;

    /// <param name="blockedMax">Steps that may block at the same time.</param>
    public StepThreads(int blockedMax)
    {
        _threadsMax = Environment.ProcessorCount + blockedMax;
        _watch = new Timer(_ => Watch(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Threads
    {
        get
        {
            lock (_gate)
            {
                return _threads;
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.PulseAll(_gate);
            _watch.Dispose();
        }
    }

    protected override void QueueTask(Task task)
    {
        lock (_gate)
        {
            _queue.Enqueue(task);
            if (!_watching && !_stopped)
            {
                _watching = true;
                _begunBefore = _begun;
                _watch.Change(Patience, Timeout.InfiniteTimeSpan);
            }

            var working = _threads - _idle + _woken;
            if (working == 0 || (working < Environment.ProcessorCount && _queue.Count > BacklogOfOne * working))
            {
                More();
            }
        }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && Current == this && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_gate)
        {
            return [.. _queue];
        }
    }

    /// <summary>Looks while something waits: when nothing has begun since the last look, everybody who works is blocked, as it seems.</summary>
    private void Watch()
    {
        lock (_gate)
        {
            _watching = _queue.Count > 0 && !_stopped;
            if (!_watching)
            {
                return;
            }

            if (_begun == _begunBefore)
            {
                More();
            }

            _begunBefore = _begun;
            _watch.Change(Patience, Timeout.InfiniteTimeSpan);
        }
    }

    private void More()
    {
        if (_idle > _woken)
        {
            _woken++;
            Monitor.Pulse(_gate);
        }
        else if (_threads < _threadsMax)
        {
            _threads++;
            new Thread(Work) { IsBackground = true, Name = "lm-step" }.Start();
        }
    }

    private void Work()
    {
        while (Next() is { } task)
        {
            TryExecuteTask(task);
        }
    }

    private Task? Next()
    {
        lock (_gate)
        {
            while (_queue.Count == 0 && !_stopped)
            {
                _idle++;
                var pulsed = Monitor.Wait(_gate, IdleMax);
                _idle--;
                _woken = pulsed ? Math.Max(0, _woken - 1) : _woken;
                if (!pulsed && _queue.Count == 0)
                {
                    break;
                }
            }

            if (_queue.Count == 0)
            {
                _threads--;
                return null;
            }

            _begun++;
            return _queue.Dequeue();
        }
    }
}
