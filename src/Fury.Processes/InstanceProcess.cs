using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Fury.Processes;

/// <summary>
/// The process of an instance: leader of a session of its own, so that the host's end does not end it, and its own process group can be
/// killed whole. Either a child of this host, or one that an earlier host of this data folder has left and this one adopts.
/// </summary>
internal sealed partial class InstanceProcess
{
    private const int SigTerm = 15;
    private const int SigKill = 9;

    /// <summary>An adopted process is no child, so nobody says when it ends; it is looked at so often.</summary>
    private static readonly TimeSpan AdoptedPollInterval = TimeSpan.FromMilliseconds(100);

    private InstanceProcess(int pid, long startTicks, Task<int?> exited) => (Pid, StartTicks, Exited) = (pid, startTicks, exited);

    public int Pid { get; }

    public long StartTicks { get; }

    /// <summary>Ends with the process; its exit code, or null when only a parent would know it.</summary>
    public Task<int?> Exited { get; }

    /// <summary>Starts it as a child of this host, which reaps it.</summary>
    /// <exception cref="Win32Exception">The system refused, e.g. because the environment is too large.</exception>
    public static InstanceProcess Start(ProcessStartInfo start)
    {
        var child = Process.Start(start)!;
        // Read before the runtime can have reaped it in most cases; one that is gone by now has no ticks and is seen to have exited.
        return new(child.Id, ProcFs.Stat(child.Id)?.StartTicks ?? 0, ExitOf(child));
    }

    /// <summary>The process with this pid, if it is still the one that carries the mark; null otherwise.</summary>
    public static InstanceProcess? Adopt(int pid, InstanceMark mark, TimeProvider clock) =>
        ProcFs.Stat(pid) is { Alive: true } stat && stat.Session == pid && mark.IsOn(pid)
            ? new(pid, stat.StartTicks, Poll(pid, stat.StartTicks, clock))
            : null;

    /// <summary>SIGTERM to the process, if it still runs.</summary>
    public void Terminate()
    {
        if (IsAlive())
        {
            _ = Kill(Pid, SigTerm);
        }
    }

    /// <summary>SIGTERM to the process, SIGKILL to its whole group once <paramref name="grace"/> is over. Returns when it has ended.</summary>
    public async Task Stop(TimeSpan grace, TimeProvider clock)
    {
        Terminate();
        try
        {
            await Exited.WaitAsync(grace > TimeSpan.Zero ? grace : TimeSpan.Zero, clock);
        }
        catch (TimeoutException)
        {
            KillGroup();
            await Exited;
        }
    }

    /// <summary>
    /// Ends by force whatever is left of the group. A group's number is not given to a new process while a member lives, and when none
    /// lives this does nothing, unless the number has been given to a new session since; so it is called as soon as the leader has ended.
    /// One that was started this moment has no group of its own yet: it is ended alone, or nobody would ever end it.
    /// </summary>
    public void KillGroup()
    {
        if (Kill(-Pid, SigKill) != 0 && IsAlive())
        {
            _ = Kill(Pid, SigKill);
        }
    }

    public static void KillGroupOf(int pid) => _ = Kill(-pid, SigKill);

    private static async Task<int?> ExitOf(Process child)
    {
        using (child)
        {
            await child.WaitForExitAsync();
            return child.ExitCode;
        }
    }

    private static async Task<int?> Poll(int pid, long startTicks, TimeProvider clock)
    {
        using var timer = new PeriodicTimer(AdoptedPollInterval, clock);
        while (ProcFs.Stat(pid) is { Alive: true } stat && stat.StartTicks == startTicks)
        {
            await timer.WaitForNextTickAsync();
        }

        return null;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);

    private bool IsAlive() => ProcFs.Stat(Pid) is { Alive: true } stat && stat.StartTicks == StartTicks;
}
