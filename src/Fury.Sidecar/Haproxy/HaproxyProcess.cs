using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Fury.Sidecar.Haproxy;

/// <summary>
/// One HAProxy, from its start to its end. It ends with this process, whatever ends that: the kernel tells it to stop when the thread that has started
/// it is gone, and that thread waits for its end.
/// </summary>
internal sealed partial class HaproxyProcess
{
    /// <summary>Which asks for the soft stop: requests end, for as long as the configuration gives them.</summary>
    private const string StopSignal = "USR1";

    /// <summary>The same, and the end by force, as numbers of Linux.</summary>
    private const int SigUsr1 = 10;
    private const int SigKill = 9;

    private const int LastWordsMax = 5;

    private readonly ILogger _log;
    private readonly Queue<string> _lastWords = new();
    private readonly TaskCompletionSource<int> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<int> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HaproxyProcess(ILogger log) => _log = log;

    /// <summary>Its exit code.</summary>
    public Task<int> Ended => _ended.Task;

    public int Id { get; private set; }

    /// <summary>The end of what it has printed, for an error.</summary>
    public string LastWords
    {
        get
        {
            lock (_lastWords)
            {
                return string.Join(' ', _lastWords);
            }
        }
    }

    /// <param name="folder">With its configuration; where it works.</param>
    public static async Task<HaproxyProcess> Start(HaproxyPrograms programs, string folder, ILogger log)
    {
        var haproxy = new HaproxyProcess(log);

        // A thread of the pool may end at any time, and HAProxy with it.
        new Thread(() => haproxy.Live(programs, folder)) { IsBackground = true, Name = "haproxy" }.Start();
        haproxy.Id = await haproxy._started.Task;
        return haproxy;
    }

    /// <summary>No new connections; ends when its requests have, or have had their time.</summary>
    public void StopSoftly() => Signal(SigUsr1);

    /// <summary>At once, whatever it is doing.</summary>
    public void Kill() => Signal(SigKill);

    private void Signal(int signal)
    {
        // Its id is another's only after its end was waited for, which completes this first.
        if (!_ended.Task.IsCompleted)
        {
            _ = SendSignal(Id, signal);
        }
    }

    private void Live(HaproxyPrograms programs, string folder)
    {
        var info = new ProcessStartInfo(programs.Setpriv, ["--pdeathsig", StopSignal, programs.Haproxy, "-db", "-f", HaproxyConfig.File])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(info)!;
            process.OutputDataReceived += (_, line) => Note(line.Data);
            process.ErrorDataReceived += (_, line) => Note(line.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            process.StandardInput.Close();
            _started.SetResult(process.Id);
            process.WaitForExit();
            _ended.SetResult(process.ExitCode);
        }
        catch (Win32Exception cause)
        {
            _started.TrySetException(new InvalidOperationException($"{programs.Setpriv} cannot be started: {cause.Message}", cause));
        }
    }

    private void Note(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        Said(_log, line);
        lock (_lastWords)
        {
            _lastWords.Enqueue(line);
            if (_lastWords.Count > LastWordsMax)
            {
                _lastWords.Dequeue();
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "HAProxy: {Line}")]
    private static partial void Said(ILogger log, string line);

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int pid, int signal);
}
