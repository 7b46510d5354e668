namespace Fury.LittleMonster.Tests.Simulation;

/// <summary>
/// A process of the simulation, and the scheduler of all its tasks. Frozen it does nothing, timers included, while time goes on; killed it
/// never does anything again, and what it had under way with others goes on without it.
/// </summary>
internal sealed class SimulatedProcess(Simulator simulator, string name) : TaskScheduler
{
    /// <summary>As if a core had been busy with something else.</summary>
    private const double HiccupShare = 0.002;

    private static readonly TimeSpan HiccupMax = TimeSpan.FromMilliseconds(40);

    private readonly List<object> _asleep = [];

    public string Name => name;

    public bool IsAlive { get; private set; } = true;

    public bool IsFrozen { get; private set; }

    /// <summary>Since when it has not been frozen.</summary>
    public TimeSpan AwakeSince { get; private set; } = simulator.Now;

    public override int MaximumConcurrencyLevel => 1;

    public void Freeze() => IsFrozen = true;

    public void Wake()
    {
        if (!IsAlive || !IsFrozen)
        {
            return;
        }

        (IsFrozen, AwakeSince) = (false, simulator.Now);
        _asleep.ForEach(work => simulator.Ready(this, work));
        _asleep.Clear();
    }

    public void Kill()
    {
        (IsAlive, IsFrozen) = (false, false);
        _asleep.Clear();
    }

    /// <summary>Runs something of this process as soon as it can run anything.</summary>
    public void Post(Action work)
    {
        if (IsAlive)
        {
            simulator.Ready(this, work);
        }
    }

    public Task Start(Func<Task> work) => Schedulers.Run(this, work);

    public void Do(object work)
    {
        if (!IsAlive)
        {
            return;
        }

        if (IsFrozen)
        {
            _asleep.Add(work);
        }
        else if (simulator.Happens(HiccupShare))
        {
            simulator.After(simulator.Between(TimeSpan.Zero, HiccupMax), () => Run(work));
        }
        else
        {
            Run(work);
        }
    }

    protected override void QueueTask(Task task)
    {
        if (IsAlive)
        {
            simulator.Ready(this, task);
        }
    }

    // As on a pool: what an ended task was waited for by goes on at once, unless its source says otherwise.
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && IsAlive && !IsFrozen && Current == this && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => _asleep.OfType<Task>();

    private void Run(object work)
    {
        if (!IsAlive)
        {
            return;
        }

        if (IsFrozen)
        {
            _asleep.Add(work);
        }
        else if (work is Task task)
        {
            TryExecuteTask(task);
        }
        else
        {
            ((Action)work)();
        }
    }
}
