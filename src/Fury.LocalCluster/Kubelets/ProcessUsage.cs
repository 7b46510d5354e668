using Fury.Processes;

namespace Fury.LocalCluster;

/// <summary>Measures what processes use: of CPU between one look at the machine and the next, of memory now.</summary>
internal sealed class ProcessUsage
{
    /// <summary>Whoever asks sooner gets what was seen last: in a shorter time nobody can tell how busy a process is.</summary>
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Look? _before;
    private Look? _last;

    /// <summary>Of these processes with their children. Null when none of them runs, or when the machine was not looked at twice yet.</summary>
    public (int CpuMillis, long MemoryBytes)? Of(IEnumerable<int> pids)
    {
        lock (_lock)
        {
            if (_last is null || TimeProvider.System.GetElapsedTime(_last.At) >= LookPeriod)
            {
                (_before, _last) = (_last, new(TimeProvider.System.GetTimestamp(), SessionUse.All()));
            }

            var seen = pids.Where(_last.Sessions.ContainsKey).ToList();
            if (_before is null || seen.Count == 0)
            {
                return null;
            }

            var seconds = TimeProvider.System.GetElapsedTime(_before.At, _last.At).TotalSeconds;
            return ((int)(seen.Sum(Used) / seconds * 1000), seen.Sum(pid => _last.Sessions[pid].MemoryBytes));
        }
    }

    /// <summary>All of it, for a process that has begun since the look before.</summary>
    private double Used(int pid)
    {
        var (now, before) = (_last!.Sessions[pid].CpuSeconds, _before!.Sessions.GetValueOrDefault(pid)?.CpuSeconds ?? 0);
        return now >= before ? now - before : now;
    }

    private sealed record Look(long At, IReadOnlyDictionary<int, SessionUse> Sessions);
}
