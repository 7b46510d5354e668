using System.Collections.Concurrent;

namespace Fury.LittleMonster;

/// <summary>
/// Threads for the code of steps. As many as there are cores, until they block: when nothing has begun for <see cref="Patience"/> though
/// something waits, one more is added. A thread that has had nothing to do for <see cref="IdleMax"/> ends.
/// </summary>
internal sealed class StepThreads : TaskScheduler, IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan IdleMax = TimeSpan.FromSeconds(10);

    private readonly BlockingCollection<Task> _tasks = [];
    private readonly int _threadsMax;
    private readonly Timer _watch;
    private int _threads;
    private long _begun;
    private long _begunBefore = -1;

    /// <param name="threadsMax">Beyond the cores: steps that may block at the same time.</param>
    public StepThreads(int threadsMax)
    {
        _threadsMax = Environment.ProcessorCount + threadsMax;
        for (var thread = 0; thread < Environment.ProcessorCount; thread++)
        {
            Add();
        }

        _watch = new Timer(_ => Watch(), null, Patience, Patience);
    }

    public int Threads => _threads;

    public void Dispose()
    {
        _watch.Dispose();
        _tasks.CompleteAdding();
    }

    protected override void QueueTask(Task task)
    {
        if (!_tasks.IsAddingCompleted)
        {
            _tasks.Add(task);
        }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && Current == this && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => _tasks;

    private void Watch()
    {
        var begun = Interlocked.Read(ref _begun);
        if (_tasks.Count > 0 && begun == _begunBefore && _threads < _threadsMax)
        {
            Add();
        }

        _begunBefore = begun;
    }

    private void Add()
    {
        Interlocked.Increment(ref _threads);
        new Thread(Work) { IsBackground = true, Name = "lm-step" }.Start();
    }

    private void Work()
    {
        while (!_tasks.IsCompleted)
        {
            if (_tasks.TryTake(out var task, IdleMax))
            {
                Interlocked.Increment(ref _begun);
                TryExecuteTask(task);
            }
            else if (_threads > Environment.ProcessorCount)
            {
                break;
            }
        }

        Interlocked.Decrement(ref _threads);
    }
}
