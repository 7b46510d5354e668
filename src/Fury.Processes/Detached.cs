using System.Diagnostics;

namespace Fury.Processes;

/// <summary>What to start.</summary>
/// <param name="Words">The program and its arguments; no shell reads them.</param>
/// <param name="Folder">Where it begins.</param>
/// <param name="Log">Its output is appended to this file.</param>
/// <param name="Lock">A file that it locks for as long as it lives.</param>
internal sealed record Launching(
    IReadOnlyList<string> Words, IEnumerable<KeyValuePair<string, string>> Environment, string Folder, string Log, string Lock);

/// <summary>How a process is started that outlives whoever starts it.</summary>
internal static class Detached
{
    /// <summary>What the script ends with when another process holds the lock.</summary>
    public const int ExitLocked = 75;

    /// <summary>
    /// Output is appended to a file and not piped to the parent, so that it does not depend on the parent's life; appending also lets the file
    /// be cut while it is written. The lock (descriptor 9) lives as long as the process: a second copy cannot run, whatever the records
    /// say. Every step is an exec, so the pid is the application's own.
    /// </summary>
    private const string Script = """
        exec >>"$1" 2>&1 </dev/null 9>>"$2"
        flock -n 9 || exit 75
        shift 2
        exec "$@"
        """;

    /// <summary>
    /// What of the parent's own environment a process needs. All else stays with the parent: its connection strings and secrets are nobody's
    /// business.
    /// </summary>
    private static readonly string[] Passed =
    [
        "PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_ROOT_ARM64",
        "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT",
    ];

    /// <summary>The parent's variables that every process gets, before its own.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Inherited =>
        from name in Passed
        let value = Environment.GetEnvironmentVariable(name)
        where value is not null
        select new KeyValuePair<string, string>(name, value);

    /// <summary>Its environment is exactly what is given; of two values for a name the later one counts.</summary>
    public static ProcessStartInfo Of(Launching launching)
    {
        var start = new ProcessStartInfo("setsid") { UseShellExecute = false, WorkingDirectory = launching.Folder };
        foreach (var word in (IEnumerable<string>)["/bin/sh", "-c", Script, "fury", launching.Log, launching.Lock, .. launching.Words])
        {
            start.ArgumentList.Add(word);
        }

        start.Environment.Clear();
        foreach (var (name, value) in launching.Environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }
}
