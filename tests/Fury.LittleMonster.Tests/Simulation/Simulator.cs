namespace Fury.LittleMonster.Tests.Simulation;

/// <summary>
/// Simulated time, and all that happens in it, on one thread and in an order that follows from the seed. What is ready at the same moment
/// runs in any order, as on the threads of a pool.
/// </summary>
internal sealed class Simulator(int seed)
{
    /// <summary>Works at one moment; more means that something goes round without time passing.</summary>
    private const int WorksAtOnceMax = 2_000_000;

    private readonly PriorityQueue<Action, (long At, long Order)> _events = new();
    private readonly List<(SimulatedProcess Process, object Work)> _ready = [];
    private readonly Thread _thread = Thread.CurrentThread;
    private volatile string? _strayed;
    private long _order;
    private ulong _trace = 14695981039346656037;

    public int Seed => seed;

    public Random Chance { get; } = new(seed);

    public TimeSpan Now { get; private set; }

    /// <summary>Equal for equal runs.</summary>
    public ulong Trace => _trace;

    public long Works { get; private set; }

    /// <summary>The first thing that must never happen and did; the run ends with it.</summary>
    public string? Violation { get; private set; }

    public void Violated(string sentence) => Violation ??= $"{sentence} (seed {seed}, at {Now:hh\\:mm\\:ss\\.fff})";

    /// <summary>Makes it part of what two runs of one seed must have in common.</summary>
    public void Note(long what, long more = 0)
    {
        foreach (var part in (ReadOnlySpan<long>)[Now.Ticks, what, more])
        {
            _trace = unchecked((_trace ^ (ulong)part) * 1099511628211);
        }
    }

    public bool Happens(double probability) => Chance.NextDouble() < probability;

    public TimeSpan Between(TimeSpan least, TimeSpan most) => least + ((most - least) * Chance.NextDouble());

    public T Pick<T>(IReadOnlyList<T> among) => among[Chance.Next(among.Count)];

    public void After(TimeSpan wait, Action act)
    {
        OnThread();
        _events.Enqueue(act, ((Now + (wait > TimeSpan.Zero ? wait : TimeSpan.Zero)).Ticks, _order++));
    }

    /// <param name="work">A task of the process, or an action of its timers.</param>
    public void Ready(SimulatedProcess process, object work)
    {
        OnThread();
        _ready.Add((process, work));
    }

    /// <summary>Runs until the time has come, the end is reached, or something that must never happen has.</summary>
    public void Run(TimeSpan until, Func<bool>? end = null)
    {
        while (Violation is null)
        {
            RunReady();
            if (_strayed is { } where)
            {
                Violated($"Something runs on another thread than the simulator's, so no run could be repeated: {where}");
            }

            if (end?.Invoke() == true || !_events.TryPeek(out _, out var next) || next.At > until.Ticks)
            {
                break;
            }

            Now = new TimeSpan(next.At);
            while (_events.TryPeek(out _, out next) && next.At == Now.Ticks)
            {
                _events.Dequeue()();
            }
        }

        Now = Now < until && Violation is null && end?.Invoke() != true ? until : Now;
    }

    private void OnThread()
    {
        if (Thread.CurrentThread != _thread)
        {
            _strayed ??= Environment.StackTrace;
            throw new InvalidOperationException("Something runs on another thread than the simulator's.");
        }
    }

    private void RunReady()
    {
        for (var works = 0; _ready.Count > 0 && Violation is null; works++)
        {
            var chosen = Chance.Next(_ready.Count);
            var (process, work) = _ready[chosen];
            _ready[chosen] = _ready[^1];
            _ready.RemoveAt(_ready.Count - 1);
            process.Do(work);
            Works++;
            if (works > WorksAtOnceMax)
            {
                Violated($"{process.Name} works and works, and no time passes");
            }
        }
    }
}
