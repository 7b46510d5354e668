using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Fury.Hosting;

/// <summary>The server process of a private cluster: starting it, finding it again, asking it to end.</summary>
internal static class PostgresServer
{
    private const int SigInt = 2;
    private const int SigQuit = 3;

    /// <summary>
    /// In a session of its own, so that the Ctrl-C of a terminal reaches this host and not the server, which must outlive it by a moment.
    /// macOS has no setsid program, but perl.
    /// </summary>
    private const string StartScript = """
        log=$0
        if command -v setsid >/dev/null 2>&1; then
          setsid "$@" </dev/null >>"$log" 2>&1 &
        else
          perl -MPOSIX -e 'POSIX::setsid(); exec @ARGV' "$@" </dev/null >>"$log" 2>&1 &
        fi
        """;

    /// <summary>Stays, and stops the server and removes its files when the pipe from the test process closes, however that process ended.</summary>
    private const string WatchdogScript = """
        folder=$1; shift
        "$@" </dev/null >>"$0" 2>&1 &
        server=$!
        cat >/dev/null
        kill -QUIT $server; wait $server; cd /; rm -rf -- "$folder" 2>/dev/null
        """;

    private static readonly string[] DurableSettings =
    [
        "max_connections=200", "shared_buffers=128MB", "jit=off", "logging_collector=on", "log_filename=postgres-%a.log",
        "log_rotation_age=1d", "log_truncate_on_rotation=on", "log_line_prefix=%m [%p] ", "timezone=UTC", "log_timezone=UTC",
    ];

    private static readonly string[] ThrowawaySettings =
    [
        "max_connections=300", "shared_buffers=128MB", "jit=off", "fsync=off", "synchronous_commit=off", "full_page_writes=off",
        "wal_level=minimal", "max_wal_senders=0", "autovacuum=off", "max_wal_size=4GB", "checkpoint_timeout=1d", "log_checkpoints=off",
        "timezone=UTC", "log_timezone=UTC",
    ];

    /// <summary>Starts it without waiting until it answers. What it prints before its own log opens goes to <c>log/start.log</c>.</summary>
    /// <returns>The watchdog of a throwaway server; null otherwise.</returns>
    public static Process? Start(PostgresBinaries binaries, PostgresPlace place, bool throwaway)
    {
        var startLog = StartLog(place);
        List<string> arguments = [binaries.Postgres, "-D", place.Cluster, "-k", place.SocketFolder];
        string[] settings =
        [
            "listen_addresses=", "port=5432", "unix_socket_permissions=0700", $"log_directory={place.Logs}",
            .. throwaway ? ThrowawaySettings : DurableSettings,
        ];
        foreach (var setting in settings)
        {
            arguments.AddRange(["-c", setting]);
        }

        if (!throwaway)
        {
            Command.Run(place.User, "/bin/sh", ["-c", StartScript, startLog, .. arguments]).OrThrow("Starting PostgreSQL");
            return null;
        }

        var info = Command.Info(place.User, "/bin/sh", ["-c", WatchdogScript, startLog, Path.GetDirectoryName(place.Folder)!, .. arguments]);
        info.RedirectStandardOutput = info.RedirectStandardError = false;
        return Process.Start(info);
    }

    /// <summary>The process id in <c>postmaster.pid</c> while that process lives; null when no server runs over this cluster.</summary>
    public static int? RunningPid(PostgresPlace place)
    {
        try
        {
            var lines = File.ReadAllLines(Path.Combine(place.Cluster, "postmaster.pid"));
            return lines.Length >= 2
                && int.TryParse(lines[0], CultureInfo.InvariantCulture, out var pid)
                && pid > 0
                && Path.GetFullPath(lines[1]) == Path.GetFullPath(place.Cluster)
                && IsPostgres(pid)
                    ? pid
                    : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The fast shutdown: sessions are ended, everything is written, nothing has to be recovered at the next start.</summary>
    public static void RequestFastStop(int pid) => _ = Kill(pid, SigInt);

    /// <summary>The immediate one, for when the fast one hangs: recovery at the next start.</summary>
    public static void RequestImmediateStop(int pid) => _ = Kill(pid, SigQuit);

    /// <summary>The end of what it printed while it started, for an error.</summary>
    public static string LastWords(PostgresPlace place)
    {
        const int LinesMax = 5;
        var text = new StringBuilder();
        foreach (var file in new[] { StartLog(place) }.Concat(Directory.EnumerateFiles(place.Logs, "postgres-*.log")).Where(File.Exists))
        {
            text.AppendJoin(' ', File.ReadLines(file).TakeLast(LinesMax)).Append(' ');
        }

        return text.ToString().Trim();
    }

    private static string StartLog(PostgresPlace place) => Path.Combine(place.Logs, "start.log");

    /// <summary>After a crash of the machine the id in the file may be some other program's by now.</summary>
    private static bool IsPostgres(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.HasExited && process.ProcessName.StartsWith("postgres", StringComparison.Ordinal) && !IsZombie(pid);
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }

    private static bool IsZombie(int pid)
    {
        var file = $"/proc/{pid}/stat";
        return File.Exists(file) && File.ReadAllText(file) is var stat && stat[(stat.LastIndexOf(')') + 1)..].TrimStart().StartsWith('Z');
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);
}
