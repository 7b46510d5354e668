using System.Globalization;

namespace Fury.Processes;

/// <summary>What the processes of one session use together: the leader with all of its children, as far as these have not left it (proc(5)).</summary>
/// <param name="CpuSeconds">Since the leader began, with children that have ended.</param>
/// <param name="MemoryBytes">Resident now. What processes share counts for each.</param>
internal sealed record SessionUse(double CpuSeconds, long MemoryBytes)
{
    /// <summary>What Linux tells every program, whatever the kernel counts by.</summary>
    private const double TicksPerSecond = 100;

    // Places among the fields of a process.
    private const int Session = 3;
    private const int UserTicks = 11;
    private const int EndedChildrensSystemTicks = 14;
    private const int ResidentPages = 21;

    /// <summary>Of all sessions of this machine, by the pid of the leader; one look at every process.</summary>
    public static IReadOnlyDictionary<int, SessionUse> All()
    {
        var all = new Dictionary<int, SessionUse>();
        foreach (var fields in ProcFs.Pids().Select(ProcFs.Fields).OfType<string[]>().Where(fields => fields.Length > ResidentPages))
        {
            // User and system ticks of its own, then of its children that have ended and were waited for.
            var ticks = Enumerable.Range(UserTicks, EndedChildrensSystemTicks - UserTicks + 1).Sum(place => Number(fields[place]));
            var session = (int)Number(fields[Session]);
            var (seconds, bytes) = all.GetValueOrDefault(session) ?? new(0, 0);
            all[session] = new(seconds + (ticks / TicksPerSecond), bytes + (Number(fields[ResidentPages]) * Environment.SystemPageSize));
        }

        return all;
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
