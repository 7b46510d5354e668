using System.Globalization;
using Fury.Providers.Local;

namespace Fury.LocalCluster;

/// <summary>Measures what processes use, from <c>/proc</c> (proc(5)): of CPU between one question and the next, of memory now.</summary>
internal sealed class ProcessUsage
{
    /// <summary>What Linux tells every program, whatever the kernel counts by.</summary>
    private const int TicksPerSecond = 100;

    // Places among the fields of a process.
    private const int UserTicks = 11;
    private const int SystemTicks = 12;
    private const int ResidentPages = 21;

    private readonly Lock _lock = new();
    private readonly Dictionary<int, (long Ticks, long At)> _before = [];

    /// <summary>Null when none of them runs. A process that is asked about for the first time counts its memory only.</summary>
    public (int CpuMillis, long MemoryBytes)? Of(IEnumerable<int> pids)
    {
        lock (_lock)
        {
            var (cpu, memory, found) = (0.0, 0L, false);
            foreach (var pid in pids)
            {
                if (Read(pid) is not var (ticks, pages))
                {
                    _before.Remove(pid);
                    continue;
                }

                var at = TimeProvider.System.GetTimestamp();
                if (_before.TryGetValue(pid, out var before) && before.Ticks <= ticks)
                {
                    var seconds = TimeProvider.System.GetElapsedTime(before.At, at).TotalSeconds;
                    cpu += seconds > 0 ? (ticks - before.Ticks) / (double)TicksPerSecond / seconds * 1000 : 0;
                }

                _before[pid] = (ticks, at);
                memory += pages * Environment.SystemPageSize;
                found = true;
            }

            return found ? ((int)cpu, memory) : null;
        }
    }

    private static (long Ticks, long Pages)? Read(int pid) => ProcFs.Fields(pid) is { } fields
        ? (Number(fields[UserTicks]) + Number(fields[SystemTicks]), Number(fields[ResidentPages]))
        : null;

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
