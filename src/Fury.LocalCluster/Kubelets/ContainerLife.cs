using System.Text.Json.Nodes;
using Fury.Processes;
using Fury.Providers.Local;

namespace Fury.LocalCluster;

/// <summary>What containers of one pod share.</summary>
/// <param name="Pod">As it was when it got its node.</param>
/// <param name="Changed">Tells that a state has changed.</param>
internal sealed record PodContext(
    Registry Registry, Entry Entry, JsonObject Pod, string Address, string Folder, string IdPrefix, ClusterOptions Options, Action Changed);

/// <summary>The life of one container: image, process, probes, restarts with a growing pause.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "The source has no timer; it may be cancelled at any time, also after the end.")]
internal sealed class ContainerLife(PodContext context, JsonObject container)
{
    private const string Component = "kubelet";

    /// <summary>A run of at least this long forgives the crashes before it.</summary>
    private static readonly TimeSpan Forgiven = TimeSpan.FromMinutes(10);

    private readonly TimeProvider _clock = context.Registry.Clock;
    private readonly CancellationTokenSource _stopping = new();
    private volatile InstanceProcess? _process;
    private volatile bool _outOfMemory;
    private ContainerState _state = new(container.Text("name")!, container.Text("image")!);

    public ContainerState State => _state;

    public int? Pid => _process?.Pid;

    /// <summary>Where a run writes; the present one is the number of restarts.</summary>
    public InstanceFolder FolderOf(int run) => new(Path.Combine(context.Folder, _state.Name, run.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    /// <summary>Ends when the container has ended for good, or is stopped.</summary>
    public async Task Run(string restartPolicy)
    {
        var crashes = 0;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                ContainerRun.Pull(_state.Image);
                var ended = await RunOnce();
                var wasLong = ended.FinishedAt - ended.StartedAt >= Forgiven;
                Set(_state with { Waiting = null, RunningSince = null, Ended = ended, Ready = false, Started = false });
                if (_stopping.IsCancellationRequested || restartPolicy == "Never" || (restartPolicy == "OnFailure" && ended.ExitCode == 0))
                {
                    return;
                }

                crashes = wasLong ? 0 : crashes + 1;
                await Pause(crashes - 1, ended);
            }
            catch (ContainerRefused refused)
            {
                crashes++;
                Set(_state with { Waiting = (refused.Reason, refused.Message), RunningSince = null, Ready = false, Started = false });
                Recorder.Warn(context.Registry, context.Entry, "Failed", $"Error: {refused.Reason}: {refused.Message}", Component);
                await BackOff(refused, crashes);
            }
        }
    }

    /// <summary>SIGTERM, and SIGKILL once the grace is over.</summary>
    public async Task Stop(TimeSpan grace)
    {
        await _stopping.CancelAsync();
        if (_process is { } process)
        {
            await process.Stop(grace, _clock);
            process.KillGroup();
        }
    }

    /// <summary>Ends its process as a node does when memory runs out; it is started again as after any end. False when it does not run.</summary>
    public bool RunOutOfMemory()
    {
        if (_process is not { } process)
        {
            return false;
        }

        _outOfMemory = true;
        process.KillGroup();
        return true;
    }

    private async Task<Ended> RunOnce()
    {
        _outOfMemory = false;
        var environment = ContainerEnvironment.Of(context.Registry.Store, context.Registry.Store.Find(context.Entry.Uid)?.Read() ?? context.Pod, container);
        var id = $"{context.IdPrefix}{_state.Name}";
        var process = ContainerRun.Start(container, id, context.Address, environment, FolderOf(_state.Restarts));
        _process = process;
        if (_stopping.IsCancellationRequested)
        {
            // Whoever stopped it while this process was being started saw none, and waits for it.
            await process.Stop(TimeSpan.Zero, _clock);
        }

        var since = _clock.GetUtcNow();
        Set(_state with { Waiting = null, Ended = null, RunningSince = since, Started = container["startupProbe"] is null });
        using var probing = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var probes = Probing(process, probing.Token);
        var code = await process.Exited;
        process.KillGroup();
        _process = null;
        await probing.CancelAsync();
        await probes.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return _outOfMemory
            ? Ended.OutOfMemory(since, _clock.GetUtcNow())
            : new(code ?? -1, code == 0 ? "Completed" : "Error", null, since, _clock.GetUtcNow());
    }

    /// <summary>The first restart comes at once, each further one after twice the pause.</summary>
    private async Task Pause(int restartsInARow, Ended ended)
    {
        if (restartsInARow > 0)
        {
            var pause = Growing(restartsInARow);
            var message = $"back-off {pause.TotalSeconds:0.#}s restarting failed container={_state.Name} pod={context.Entry.Name}";
            Set(_state with { Ended = null, Last = ended, Waiting = ("CrashLoopBackOff", message) });
            Recorder.Warn(context.Registry, context.Entry, "BackOff", $"Back-off restarting failed container {_state.Name}", Component);
            await Wait(pause);
        }

        if (!_stopping.IsCancellationRequested)
        {
            Set(_state with { Ended = null, Last = ended, Restarts = _state.Restarts + 1 });
        }
    }

    private async Task BackOff(ContainerRefused refused, int attempts)
    {
        if (refused.Reason == "ErrImagePull")
        {
            Set(_state with { Waiting = ("ImagePullBackOff", $"Back-off pulling image \"{_state.Image}\": {refused.Message}") });
        }

        await Wait(Growing(attempts));
    }

    private TimeSpan Growing(int crashes) => Backoff.After(crashes, context.Options.RestartPause, context.Options.RestartPauseMax);

    private async Task Wait(TimeSpan pause) =>
        await Task.Delay(pause, _clock, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task Probing(InstanceProcess process, CancellationToken cancellation)
    {
        if (container.Object("startupProbe") is { } startup)
        {
            if (!await Repeat(startup, untilGood: true, good => Set(_state with { Started = good }), cancellation))
            {
                await Kill(process, "startup");
                return;
            }
        }

        var ready = container.Object("readinessProbe") is { } readiness
            ? Repeat(readiness, untilGood: false, good => Set(_state with { Ready = good }), cancellation, endsWhenBad: false)
            : Task.FromResult(true);
        if (container["readinessProbe"] is null)
        {
            Set(_state with { Ready = true });
        }

        if (container.Object("livenessProbe") is { } liveness && !await Repeat(liveness, untilGood: false, _ => { }, cancellation))
        {
            await Kill(process, "liveness");
        }

        await ready;
    }

    private async Task Kill(InstanceProcess process, string probe)
    {
        if (!_stopping.IsCancellationRequested)
        {
            Recorder.Tell(context.Registry, context.Entry, "Killing", $"Container {_state.Name} failed {probe} probe, will be restarted", Component);
            await process.Stop(TimeSpan.FromSeconds(context.Pod.Number("spec", "terminationGracePeriodSeconds") ?? 30), _clock);
        }
    }

    /// <summary>False when the probe has failed too often, which ends it unless it goes on to watch for better times.</summary>
    private async Task<bool> Repeat(JsonObject spec, bool untilGood, Action<bool> tell, CancellationToken cancellation, bool endsWhenBad = true)
    {
        using var probe = new Probe(spec, context.Address, container);
        await Task.Delay(probe.Delay, _clock, cancellation);
        var (good, bad) = (0, 0);
        while (true)
        {
            var wrong = await probe.Ask(cancellation);
            (good, bad) = wrong is null ? (good + 1, 0) : (0, bad + 1);
            if (good == probe.SuccessesMin)
            {
                tell(true);
                if (untilGood)
                {
                    return true;
                }
            }

            if (bad == probe.FailuresMax)
            {
                Recorder.Warn(context.Registry, context.Entry, "Unhealthy", $"Probe of {_state.Name} failed: {wrong}", Component);
                tell(false);
                if (endsWhenBad)
                {
                    return false;
                }
            }

            await Task.Delay(probe.Period, _clock, cancellation);
        }
    }

    private void Set(ContainerState state)
    {
        _state = state;
        context.Changed();
    }
}
