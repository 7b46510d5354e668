using Fury.Compute.Contracts;
using Fury.Compute.Standard.Pools;
using Fury.Kernel;
using Fury.LittleMonster;
using Fury.Providers.Contracts;
using Microsoft.Extensions.Logging;

namespace Fury.Compute.Standard.Health;

/// <summary>What every watch of this host needs.</summary>
internal sealed record WatchTools(
    IPoolStore Store, IHealthProbe Probe, ILittleMonster Monster, SemaphoreSlim ProbesAtOnce, TimeProvider Clock, ILogger Log);

/// <summary>
/// Looks at one replica until it is stopped or gone, and records each change before it looks again. The provider's word comes in
/// from outside and interrupts a check that is under way: what a check found of a process that has ended since is not believed.
/// </summary>
internal sealed class InstanceWatch(Instance instance, Pool pool, WatchTools tools)
{
    private readonly Lock _lock = new();
    private HealthState _state = HealthState.Of(instance);
    private HealthState _recorded = HealthState.Of(instance);
    private long _since = tools.Clock.GetTimestamp();
    private int _hints;
    private TaskCompletionSource _hinted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _gone;

    public InstanceId Id => instance.Id;

    public string ProviderId => instance.ProviderId!;

    public Location Location => pool.Spec.Location;

    /// <summary>The provider's word; null when it no longer has the instance.</summary>
    public void Seen(ProviderInstance? seen)
    {
        lock (_lock)
        {
            if (seen is null or { State: ProviderInstanceState.Stopping or ProviderInstanceState.Stopped })
            {
                _gone |= seen is not { State: ProviderInstanceState.Stopping };
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
                pause = Cadence.After(_state, tools.Clock.GetElapsedTime(_since));
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
            var whyNot = await tools.Probe.Ask(address, asked.Port, pool.Spec.Release.HealthPath, cancellation);
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
        lock (_lock)
        {
            (state, gone) = (_state, _gone);
        }

        if (!gone && state.LooksLike(_recorded))
        {
            return true;
        }

        try
        {
            var outcome = await tools.Store.Change(
                pool.Spec.Id,
                known => gone ? Changes.Gone(known, instance.Id) : Changes.Seen(known, instance.Id, state),
                cancellation);
            _recorded = state;
            Nudge();
            return !gone && outcome.IsOk && outcome.Value.Find(instance.Id) is { IsLive: true };
        }
        catch (Exception failed) when (!cancellation.IsCancellationRequested)
        {
            tools.Log.LogWarning("What was seen of instance {Instance} could not be recorded and will be again: {Reason}", Id, failed.Message);
            return true;
        }
    }

    private void Nudge()
    {
        if (instance.Launch is { } saga)
        {
            tools.Monster.Nudge(new SagaId(saga));
        }
    }
}
