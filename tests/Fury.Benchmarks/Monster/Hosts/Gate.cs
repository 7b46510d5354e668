using System.Diagnostics;
using Fury.LittleMonster;

namespace Fury.Benchmarks.Monster;

/// <summary>What polls of this process ask for, and a note of which saga asked when for the first time since the last <see cref="Mark"/>.</summary>
internal sealed class Gate
{
    public const int SagasMax = 2_000_000;

    private readonly long[] _firstAskedAt = new long[SagasMax];
    private long _asked;
    private int _askers;
    private volatile bool _open;

    /// <summary>How often anybody has asked since the mark.</summary>
    public long Asked => Interlocked.Read(ref _asked);

    /// <summary>How many different sagas have.</summary>
    public int Askers => Volatile.Read(ref _askers);

    public Poll<int> Ask(int number)
    {
        Interlocked.Increment(ref _asked);
        if (Interlocked.CompareExchange(ref _firstAskedAt[number], Stopwatch.GetTimestamp(), 0) == 0)
        {
            Interlocked.Increment(ref _askers);
        }

        return _open ? Poll.Ready(number) : Poll.NotYet();
    }

    public void Open() => _open = true;

    public void Mark()
    {
        Array.Clear(_firstAskedAt);
        Interlocked.Exchange(ref _askers, 0);
        Interlocked.Exchange(ref _asked, 0);
    }

    /// <summary>By the number of the saga: when it first asked, by the monotonic clock that all processes of a machine share.</summary>
    public Dictionary<int, long> FirstAskedAt() =>
        Enumerable.Range(0, SagasMax).Where(number => _firstAskedAt[number] != 0).ToDictionary(number => number, number => _firstAskedAt[number]);
}
