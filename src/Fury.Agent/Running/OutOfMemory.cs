using System.Globalization;

namespace Fury.Agent;

/// <summary>How often the kernel has ended a process for want of memory since this began, by whichever counter the machine has.</summary>
internal sealed class OutOfMemory
{
    /// <summary>Of the agent's own control group, where the application is too: version 2, then version 1; and of the whole machine.</summary>
    private readonly (string File, string Counter)[] _counters = [.. Of(File.Exists("/proc/self/cgroup") ? File.ReadAllLines("/proc/self/cgroup") : [])];

    private readonly long _before;

    public OutOfMemory() => _before = Read();

    public int Count() => (int)Math.Max(0, Read() - _before);

    /// <param name="groups">Lines of /proc/self/cgroup, <c>number:controllers:path</c> (cgroups(7)).</param>
    internal static IEnumerable<(string File, string Counter)> Of(IEnumerable<string> groups)
    {
        foreach (var parts in groups.Select(line => line.Split(':', 3)).Where(parts => parts.Length == 3))
        {
            if (parts is ["0", "", var path])
            {
                yield return ($"/sys/fs/cgroup{path.TrimEnd('/')}/memory.events", "oom_kill");
            }
            else if (parts[1].Split(',').Contains("memory"))
            {
                yield return ($"/sys/fs/cgroup/memory{parts[2].TrimEnd('/')}/memory.oom_control", "oom_kill");
            }
        }

        yield return ("/proc/vmstat", "oom_kill");
    }

    private long Read()
    {
        foreach (var (file, counter) in _counters)
        {
            try
            {
                var line = File.ReadLines(file).Select(text => text.Split(' ')).FirstOrDefault(words => words is [var name, _] && name == counter);
                if (line is not null)
                {
                    return long.Parse(line[1], CultureInfo.InvariantCulture);
                }
            }
            catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
            {
                // The next one is on every machine.
            }
        }

        return 0;
    }
}
