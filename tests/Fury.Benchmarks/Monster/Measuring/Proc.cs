using System.Globalization;

namespace Fury.Benchmarks.Monster;

/// <summary>What Linux says of processes; times in steps of 10 ms.</summary>
internal static class Proc
{
    private const int TicksPerSecond = 100;

    // Positions after the name, which may contain anything; proc(5) counts them from 3.
    private const int Parent = 1;
    private const int UserTime = 11;
    private const int SystemTime = 12;
    private const int EndedUserTime = 13;
    private const int EndedSystemTime = 14;
    private const int ResidentPages = 21;

    /// <summary>User and system time of the process itself; zero when it is gone.</summary>
    public static TimeSpan Cpu(int pid) => Stat(pid) is { } stat ? Time(stat, UserTime, SystemTime) : TimeSpan.Zero;

    /// <summary>The same, with all children that have ended and were waited for.</summary>
    public static TimeSpan CpuWithEndedChildren(int pid) =>
        Stat(pid) is { } stat ? Time(stat, UserTime, SystemTime, EndedUserTime, EndedSystemTime) : TimeSpan.Zero;

    public static double ResidentMegabytes(int pid) =>
        Stat(pid) is { } stat ? long.Parse(stat[ResidentPages], CultureInfo.InvariantCulture) * (double)Environment.SystemPageSize / 1024 / 1024 : 0;

    /// <summary>Of all processors together, whoever used it.</summary>
    public static TimeSpan MachineCpu()
    {
        // cpu user nice system idle iowait irq softirq steal
        var ticks = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8)
            .Select(field => long.Parse(field, CultureInfo.InvariantCulture)).ToArray();
        return TimeSpan.FromSeconds((ticks.Sum() - ticks[3] - ticks[4]) / (double)TicksPerSecond);
    }

    public static IEnumerable<int> Children(int pid) =>
        from folder in Directory.EnumerateDirectories("/proc")
        let child = int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var number) ? number : 0
        where child > 0 && Stat(child) is { } stat && int.Parse(stat[Parent], CultureInfo.InvariantCulture) == pid
        select child;

    private static TimeSpan Time(string[] stat, params int[] places) =>
        TimeSpan.FromSeconds(places.Sum(place => long.Parse(stat[place], CultureInfo.InvariantCulture)) / (double)TicksPerSecond);

    private static string[]? Stat(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
