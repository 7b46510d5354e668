using System.Diagnostics;
using System.Globalization;

namespace Fury.Providers.Local;

/// <summary>How the process of an instance is started.</summary>
internal static class Launch
{
    /// <summary>What the script ends with when another process holds the instance's lock.</summary>
    public const int ExitLocked = 75;

    /// <summary>
    /// Output is appended to a file and not piped to the host, so that it does not depend on the host's life; appending also lets the file
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
    /// What of the host's own environment a process needs. All else stays with the host: its connection strings and secrets are nobody's
    /// business.
    /// </summary>
    private static readonly string[] Passed =
    [
        "PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_ROOT_ARM64",
        "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT",
    ];

    public static ProcessStartInfo Of(InstanceRecord record, string executable, InstanceFolder folder)
    {
        var start = new ProcessStartInfo("setsid")
        {
            UseShellExecute = false,
            WorkingDirectory = new Uri(record.Request.ArtifactUri).LocalPath,
        };
        foreach (var argument in (string[])["/bin/sh", "-c", Script, "fury", folder.Log, folder.Lock, executable])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var argument in record.Request.Arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        foreach (var (name, value) in Environment(record))
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private static IEnumerable<KeyValuePair<string, string>> Environment(InstanceRecord record)
    {
        foreach (var name in Passed)
        {
            if (System.Environment.GetEnvironmentVariable(name) is { } value)
            {
                yield return new(name, value);
            }
        }

        yield return new("FURY_INSTANCE_ID", record.Id);
        foreach (var variable in record.Request.Environment)
        {
            yield return variable;
        }

        yield return new("PORT", record.Port.ToString(CultureInfo.InvariantCulture));
        yield return new("FURY_ADDRESS", record.Address);
        yield return new(InstanceMark.Variable, record.Id);
    }
}
