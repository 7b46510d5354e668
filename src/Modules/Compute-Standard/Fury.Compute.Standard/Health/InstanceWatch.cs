using Fury.Compute.Contracts;
using Fury.Compute.Standard.Placing;
using Fury.Compute.Standard.Pools;
using Fury.Kernel;
using Fury.LittleMonster;
using Fury.Providers.Contracts;
using Microsoft.Extensions.Logging;

namespace Fury.Compute.Standard.Health;

/// <summary>What every watch of this host needs.</summary>
internal sealed record WatchTools(
    IOutageStore Outages, IHealthProbe Probe, ILittleMonster Monster, SemaphoreSlim ProbesAtOnce, TimeProvider Clock, ILogger Log);

/// <summary>
/// Looks at one replica until it is stopped or gone, and records each change before it looks again. The provider's word comes in
/// from outside and interrupts a check that is under way: what a check found of a process that has ended since is not believed.
/// </summary>
internal sealed class InstanceWatch(Instance instance, WatchedPool pool, IInstanceProvider provider, WatchTools tools)
{
    private readonly Lock _lock = new();
    private HealthState _state = HealthState.Of(instance);
    private HealthState _recorded = HealthState.Of(instance);
    private long _since = tools.Clock.GetTimestamp();
    private long? _described;
    private int _hints;
    private TaskCompletionSource _hinted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _gone;
    private Fault? _failure;

    public InstanceId Id => instance.Id;

    public string ProviderId => instance.ProviderId!;

    public PoolId Pool => pool.Id;

    public Place Place => instance.Place;

    /// <summary>
    /// Whether the provider is to be asked for it: its own host's instances cost nothing to look at, a cloud's cost a part of a call. One that served and
    /// does not answer any more may be gone.
    /// </summary>
    /// <param name="known">How old the provider's word may be of one that it shows running.</param>
    public bool IsDue(TimeSpan known)
    {
        lock (_lock)
        {
            return !provider.IsShared
                || _state is not { Runs: true, Address: not null } or { Phase: ReplicaPhase.Unready }
                || _described is not { } at
                || tools.Clock.GetElapsedTime(at) >= known;
        }
    }

    /// <summary>The provider shows it running.</summary>
    public bool Runs
    {
        get
        {
            lock (_lock)
            {
                return _state.Runs;
            }
        }
    }

    /// <summary>The provider's word; null when it does not show the instance.</summary>
    public void Seen(ProviderInstance? seen)
    {
        lock (_lock)
        {
            _described = tools.Clock.GetTimestamp();
            if (seen is null && tools.Clock.GetUtcNow() - instance.CreatedAt < provider.Settling)
            {
                return;
            }

            if (seen is null or { State: ProviderInstanceState.Stopped })
            {
                _gone = true;
                _failure = seen?.Failure;
            }
            else
            {
                var next = _state.Seen(seen);
                if (next == _state)
                {
                    return;
                }

                Become(next);
            }

            _hints++;
            _hinted.TrySetResult();
        }
    }

    public async Task Run(CancellationToken cancellation)
    {
        while (true)
        {
            await Check(cancellation);
            if (!await Record(cancellation))
            {
                return;
            }

            Task hinted;
            TimeSpan pause;
            lock (_lock)
            {
                if (_hinted.Task.IsCompleted)
                {
                    _hinted = new(TaskCreationOptions.RunContinuationsAsynchronously);
                    continue;
                }

                hinted = _hinted.Task;
                pause = Cadence.After(_state, tools.Clock.GetElapsedTime(_since), provider.IsShared);
            }

            await Task.WhenAny(hinted, Task.Delay(pause, tools.Clock, cancellation));
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private async Task Check(CancellationToken cancellation)
    {
        HealthState asked;
        int hints;
        lock (_lock)
        {
            (asked, hints) = (_state, _hints);
        }

        if (!asked.Runs || asked.Address is not { } address)
        {
            return;
        }

        await tools.ProbesAtOnce.WaitAsync(cancellation);
        try
        {
            var whyNot = await tools.Probe.Ask(address, asked.Port, pool.HealthPath, cancellation);
            lock (_lock)
            {
                if (_hints == hints)
                {
                    Become(_state.Checked(whyNot));
                }
            }
        }
        finally
        {
            tools.ProbesAtOnce.Release();
        }
    }

    private void Become(HealthState next)
    {
        if (next.Phase != _state.Phase || next.Runs != _state.Runs)
        {
            _since = tools.Clock.GetTimestamp();
        }

        _state = next;
    }

    /// <summary>False when there is nothing left to watch. What cannot be written now is written at the next look.</summary>
    private async Task<bool> Record(CancellationToken cancellation)
    {
        HealthState state;
        bool gone;
        Fault? failure;
        lock (_lock)
        {
            (state, gone, failure) = (_state, _gone, _failure);
        }

        if (!gone && state.LooksLike(_recorded))
        {
            return true;
        }

        try
        {
            if (gone && failure is { Kind: FaultKind.Exhausted })
            {
                await tools.Outages.Note(instance.Place, failure.Message, cancellation);
            }

            var outcome = await pool.Change(known => gone ? Lost(known, failure) : Changes.Seen(known, instance.Id, state), cancellation);
            if (gone || (state.WasReady && !_recorded.WasReady))
            {
                Nudge();
            }

            _recorded = state;
            return !gone && outcome.IsOk && outcome.Value.Find(instance.Id) is { IsLive: true };
        }
        catch (Exception failed) when (!cancellation.IsCancellationRequested)
        {
            tools.Log.LogWarning("What was seen of instance {Instance} could not be recorded and will be again: {Reason}", Id, failed.Message);
            return true;
        }
    }

    /// <summary>One that ended before it was ever ready is a launch that failed.</summary>
    private Pool Lost(Pool known, Fault? failure)
    {
        var wasReady = known.Find(instance.Id) is not { IsLive: true, WasReady: false };
        var left = Changes.Gone(known, instance.Id);
        return failure is null || wasReady ? left
            : failure.Kind == FaultKind.Exhausted ? Changes.Troubled(left, failure)
            : Changes.LaunchFailed(left, failure, tools.Clock.GetUtcNow());
    }

    /// <summary>The saga that launches it waits for this.</summary>
    private void Nudge()
    {
        if (instance.Launch is { } saga)
        {
            tools.Monster.Nudge(new SagaId(saga));
        }
    }
}
