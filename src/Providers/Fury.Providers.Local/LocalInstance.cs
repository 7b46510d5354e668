using System.ComponentModel;
using Fury.Kernel;
using Fury.Processes;
using Fury.Providers.Contracts;
using Microsoft.Extensions.Logging;

namespace Fury.Providers.Local;

/// <summary>
/// One instance and its supervision: keeps its process running until it is told to stop, and the record on disk one step ahead of the
/// world, so that a host that dies at any moment leaves a record from which the next one can go on.
/// </summary>
internal sealed class LocalInstance(InstanceFolder folder, InstanceRecord record, TimeProvider clock, ILogger log, Action<string> changed)
    : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _ending = new();
    private InstanceRecord _record = record;
    private InstanceProcess? _process;
    private string? _crash;
    private bool _suspended;
    private Task _supervision = Task.CompletedTask;

    public InstanceRecord Record => _record;

    public InstanceFolder Folder => folder;

    public ProviderInstance Seen
    {
        get
        {
            lock (_lock)
            {
                var (state, reason) = (_record.Wish, _process, _crash) switch
                {
                    (Wish.Stopped, _, _) => (ProviderInstanceState.Stopped, "It was stopped."),
                    (Wish.Stop, _, _) => (ProviderInstanceState.Stopping, "It is being stopped."),
                    (_, not null, _) => (ProviderInstanceState.Running, null),
                    (_, _, not null) => (ProviderInstanceState.Crashed, _crash),
                    _ => (ProviderInstanceState.Pending, "Its process is not started yet."),
                };
                return new(
                    _record.Id, _record.Request.ClientToken, state, _record.Address, _record.Port, _record.Restarts, reason, _record.Request.Tags);
            }
        }
    }

    /// <summary>
    /// The first start. A refusal of the system is returned as a fault, and nothing runs. The record is on disk before the process exists:
    /// a host that dies in between finds the process by its mark.
    /// </summary>
    public Outcome Create(string executable)
    {
        folder.Write(_record);
        try
        {
            Spawn(executable);
        }
        catch (Win32Exception refused)
        {
            return Fault.Invalid($"The process cannot be started: {refused.Message}.");
        }

        _supervision = Task.Run(Supervise);
        return Outcome.Ok;
    }

    /// <summary>Goes on where an earlier host ended: with its process, if that still runs.</summary>
    public void Resume(InstanceProcess? adopted)
    {
        if (_record.Wish == Wish.Stopped)
        {
            return;
        }

        if (adopted is not null)
        {
            _process = adopted;
            Save(_record with { Pid = adopted.Pid });
        }

        _supervision = Task.Run(async () =>
        {
            if (_record.Wish == Wish.Stop)
            {
                await Finish(_record.StopBy - clock.GetUtcNow() ?? TimeSpan.Zero);
                return;
            }

            // A record with a pid whose process is gone ended by itself while no host was there to see it.
            if (adopted is null && TryRestart(countsAsCrash: _record.Pid is not null) is { } refused)
            {
                Crashed(refused);
            }

            await Supervise();
        });
    }

    /// <summary>Begins to stop it for good; again, or once it has stopped, does nothing.</summary>
    public void Terminate(TimeSpan grace)
    {
        lock (_lock)
        {
            if (_record.Wish != Wish.Run)
            {
                return;
            }

            Save(_record with { Wish = Wish.Stop, StopBy = clock.GetUtcNow() + grace });
        }

        changed(_record.Id);
        var supervision = _supervision;
        _ending.Cancel();
        _supervision = Task.Run(async () =>
        {
            await Finish(grace);
            await supervision;
        });
    }

    /// <summary>Stops the process because the host stops; it is wanted as before and starts with the next host.</summary>
    public async Task Suspend(TimeSpan grace)
    {
        lock (_lock)
        {
            _suspended = true;
        }

        await _ending.CancelAsync();
        if (_process is { } process)
        {
            await process.Stop(grace, clock);
        }

        await _supervision;
        if (_record.Wish == Wish.Run)
        {
            Save(_record with { Pid = null });
        }
    }

    public void Dispose() => _ending.Dispose();

    /// <summary>Lets go of the process without touching it, as a host does that dies.</summary>
    public void Abandon()
    {
        lock (_lock)
        {
            _suspended = true;
        }

        _ending.Cancel();
    }

    /// <summary>Ends when the instance is stopped or the host stops.</summary>
    private async Task Supervise()
    {
        var crashes = 0;
        while (true)
        {
            if (_process is { } process)
            {
                var since = clock.GetTimestamp();
                int? code;
                try
                {
                    code = await process.Exited.WaitAsync(_ending.Token);
                }
                catch (OperationCanceledException)
                {
                    return;
                }

                process.KillGroup();
                crashes = Backoff.CrashesInARow(crashes, clock.GetElapsedTime(since));
                if (code == Detached.ExitLocked && Readopt())
                {
                    continue;
                }

                Crashed(code is null ? "Its process has ended." : $"Its process has ended with exit code {code}.");
            }
            else
            {
                crashes++;
            }

            var pause = Backoff.After(crashes);
            log.LogInformation("Instance {Instance}: {Reason} It is started again in {Pause}.", _record.Id, _crash, pause);
            await Task.Delay(pause, clock, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_ending.IsCancellationRequested)
            {
                return;
            }

            if (TryRestart(countsAsCrash: true) is { } refused)
            {
                Crashed(refused);
            }
        }
    }

    /// <summary>The lock was held: a process of this instance runs that the record does not know. That one is the instance.</summary>
    private bool Readopt()
    {
        var found = InstanceMark.Find(_record.Id).TryGetValue(_record.Id, out var pid)
            ? InstanceProcess.Adopt(pid, new(_record.Id), clock)
            : null;
        lock (_lock)
        {
            if (found is null || _suspended || _record.Wish != Wish.Run)
            {
                found?.KillGroup();
                return false;
            }

            _process = found;
            Save(_record with { Pid = found.Pid });
            return true;
        }
    }

    private void Crashed(string reason)
    {
        lock (_lock)
        {
            (_process, _crash) = (null, reason);
        }

        changed(_record.Id);
    }

    /// <summary>Null when it runs again, else why not.</summary>
    private string? TryRestart(bool countsAsCrash)
    {
        var executable = ArtifactFolder.Locate(_record.Request.ArtifactUri, _record.Request.Command);
        if (!executable.IsOk)
        {
            return executable.Fault.Message;
        }

        try
        {
            lock (_lock)
            {
                if (_suspended || _record.Wish != Wish.Run)
                {
                    return null;
                }

                Save(_record with { Restarts = _record.Restarts + (countsAsCrash ? 1 : 0) });
                Spawn(executable.Value);
            }
        }
        catch (Win32Exception refused)
        {
            return $"The process cannot be started: {refused.Message}.";
        }

        changed(_record.Id);
        return null;
    }

    private void Spawn(string executable)
    {
        lock (_lock)
        {
            _process = InstanceProcess.Start(Launch.Of(_record, executable, folder));
            _crash = null;
            Save(_record with { Pid = _process.Pid });
        }
    }

    private async Task Finish(TimeSpan grace)
    {
        if (_process is { } process)
        {
            await process.Stop(grace, clock);
            process.KillGroup();
        }

        lock (_lock)
        {
            _process = null;
            Save(_record with { Wish = Wish.Stopped, Pid = null, StoppedAt = clock.GetUtcNow() });
        }

        changed(_record.Id);
    }

    private void Save(InstanceRecord next)
    {
        folder.Write(next);
        _record = next;
    }
}
