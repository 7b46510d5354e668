using System.Collections.Concurrent;
using System.ComponentModel;
using System.Globalization;
using Fury.Agent.Wire;
using Fury.Processes;

namespace Fury.Agent;

/// <summary>The application's process. It leads a session of its own and writes to files, and at most one of it runs, whatever agents come and go.</summary>
internal sealed class AppProcess(AgentConfig config, OutOfMemory outOfMemory, TimeProvider clock)
{
    public const long LogBytesMax = 16 << 20;
    public const int LogFilesMax = 4;

    private const int Killed = 128 + 9;
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The agent is spared when memory runs out; what it starts is not, and is what the kernel should take.</summary>
    private static readonly string[] Killable = ["/bin/sh", "-c", "echo 0 >/proc/self/oom_score_adj; exec \"$@\"", "fury"];

    private readonly ConcurrentDictionary<int, InstanceProcess> _runs = new();
    private readonly string _mark = MarkOf(config.Folder);

    public LogFiles Logs { get; } = new(Path.Combine(config.Folder, "logs"));

    /// <summary>The session of the newest run, for what it uses; null before the first.</summary>
    public int? Session { get; private set; }

    /// <summary>The mark of the processes of an agent with this folder.</summary>
    public static string MarkOf(string folder) => $"agent:{folder}";

    /// <summary>Ends what an agent before this one has left.</summary>
    public void Sweep()
    {
        Directory.CreateDirectory(Logs.Folder, Private);
        if (InstanceMark.Find(_mark).TryGetValue(_mark, out var pid))
        {
            InstanceProcess.KillGroupOf(pid);
        }
    }

    /// <summary>Starts it, and tells what becomes of it: that it runs, before anything else, or that it does not; and once, that it has ended.</summary>
    /// <param name="id">The cloud's own name for the instance, when it is known.</param>
    public void Start(int run, Startable startable, string? id, Action<LifeEvent> tell)
    {
        var kills = outOfMemory.Count();
        InstanceProcess process;
        try
        {
            process = InstanceProcess.Start(Detached.Of(new(
                [.. Killable, .. startable.Words], EnvironmentOf(startable, id), startable.Folder, Logs.Current, Path.Combine(config.Folder, "lock"))));
        }
        catch (Win32Exception refused)
        {
            tell(new LifeEvent.NotStarted(run, $"The process cannot be started: {refused.Message}.", Again: true));
            return;
        }

        (_runs[run], Session) = (process, process.Pid);
        // It may have ended by now, and who hears that first would wait for its end for ever.
        tell(new LifeEvent.Started(run));
        _ = Wait(run, process, kills, tell);
    }

    /// <summary>Asks it to end.</summary>
    public void Terminate(int run)
    {
        if (_runs.TryGetValue(run, out var process))
        {
            process.Terminate();
        }
    }

    public void Kill(int run)
    {
        if (_runs.TryGetValue(run, out var process))
        {
            process.KillGroup();
        }
    }

    private async Task Wait(int run, InstanceProcess process, int kills, Action<LifeEvent> tell)
    {
        var since = clock.GetTimestamp();
        var code = await process.Exited;
        var why = code switch
        {
            Detached.ExitLocked => "Another process of this instance runs still.",
            Killed when outOfMemory.Count() > kills => "Its process was ended by the kernel for want of memory.",
            > 128 and <= 128 + 64 => $"Its process was ended by signal {code - 128}.",
            _ => string.Create(CultureInfo.InvariantCulture, $"Its process has ended with exit code {code}."),
        };
        tell(new LifeEvent.Exited(run, why, clock.GetElapsedTime(since) >= Backoff.ResetAfter));
        _runs.TryRemove(run, out _);
    }

    private IEnumerable<KeyValuePair<string, string>> EnvironmentOf(Startable startable, string? id) =>
    [
        .. Detached.Inherited.Where(variable => !startable.IsAlone || variable.Key is "PATH"),
        .. startable.Environment,
        .. id is null ? [] : new KeyValuePair<string, string>[] { new("FURY_INSTANCE_ID", id) },
        .. config.Environment,
        new("FURY_ADDRESS", config.Address),
        new("PORT", config.Port.ToString(CultureInfo.InvariantCulture)),
        new(InstanceMark.Variable, _mark),
    ];
}
