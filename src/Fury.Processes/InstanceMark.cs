namespace Fury.Processes;

/// <summary>
/// How a process of an instance is known among all processes of the machine: the environment variable that it was started with.
/// </summary>
internal sealed record InstanceMark(string Id)
{
    public const string Variable = "FURY_LOCAL_ID";

    public bool IsOn(int pid) => ProcFs.Variable(pid, Variable) == Id;

    /// <summary>Every living session leader that carries an id with this beginning.</summary>
    public static IReadOnlyDictionary<string, int> Find(string prefix)
    {
        var found = new Dictionary<string, int>();
        foreach (var pid in ProcFs.Pids())
        {
            if (ProcFs.Stat(pid) is { Alive: true } stat
                && stat.Session == pid
                && ProcFs.Variable(pid, Variable) is { } id
                && id.StartsWith(prefix, StringComparison.Ordinal))
            {
                found[id] = pid;
            }
        }

        return found;
    }
}
