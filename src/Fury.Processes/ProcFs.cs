using System.Globalization;
using System.Text;

namespace Fury.Processes;

/// <summary>A process as <c>/proc/PID/stat</c> tells it (proc(5)).</summary>
/// <param name="State">Z (zombie) and X (dead) run no more.</param>
/// <param name="Session">Equal to the pid in a process that leads its session.</param>
/// <param name="StartTicks">Clock ticks after boot; with the pid it names a process for good.</param>
internal sealed record ProcessStat(int Pid, char State, int Session, long StartTicks)
{
    public bool Alive => State is not ('Z' or 'X');
}

/// <summary>What Linux tells of processes.</summary>
internal static class ProcFs
{
    /// <summary>Null when there is no such process.</summary>
    public static ProcessStat? Stat(int pid) => Fields(pid) is { } fields ? Of(pid, fields) : null;

    internal static ProcessStat? Parse(int pid, string stat) => Of(pid, Fields(stat));

    /// <summary>All fields of <c>/proc/PID/stat</c> behind the name, the state first; null when there is no such process.</summary>
    public static string[]? Fields(int pid)
    {
        try
        {
            return Fields(File.ReadAllText($"/proc/{pid}/stat"));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The name may hold spaces and parentheses, so the fields are counted from the last parenthesis on.</summary>
    private static string[] Fields(string stat) => stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static ProcessStat? Of(int pid, string[] fields) => fields.Length < 20 ? null : new(
        pid,
        fields[0][0],
        int.Parse(fields[3], CultureInfo.InvariantCulture),
        long.Parse(fields[19], CultureInfo.InvariantCulture));

    /// <summary>A variable of the environment that the process was started with; null when it has none or may not be read.</summary>
    public static string? Variable(int pid, string name)
    {
        try
        {
            var prefix = name + "=";
            return Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{pid}/environ")).Split('\0')
                .FirstOrDefault(entry => entry.StartsWith(prefix, StringComparison.Ordinal))?[prefix.Length..];
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public static IEnumerable<int> Pids() => Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0)
        .Where(pid => pid > 0);

    /// <summary>The process that listens on the port of every address, e.g. <c>nginx (pid 812)</c>; null when it cannot be told.</summary>
    public static string? ListenerOnEveryAddress(int port)
    {
        try
        {
            var inode = WildcardInode("/proc/net/tcp", port) ?? WildcardInode("/proc/net/tcp6", port);
            return inode is null ? null : Owner($"socket:[{inode}]");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? WildcardInode(string table, int port)
    {
        const string Listening = "0A";
        var ending = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        return File.ReadLines(table).Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > 9 && fields[3] == Listening && fields[1].EndsWith(ending, StringComparison.Ordinal))
            .Where(fields => fields[1][..^ending.Length].All(digit => digit == '0'))
            .Select(fields => fields[9])
            .FirstOrDefault();
    }

    private static string? Owner(string socket)
    {
        foreach (var pid in Pids())
        {
            try
            {
                if (Directory.EnumerateFiles($"/proc/{pid}/fd").Any(file => new FileInfo(file).LinkTarget == socket))
                {
                    return $"{File.ReadAllText($"/proc/{pid}/comm").Trim()} (pid {pid})";
                }
            }
            catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
            {
                // It has ended, or belongs to somebody else; it may still be another one.
            }
        }

        return null;
    }
}
