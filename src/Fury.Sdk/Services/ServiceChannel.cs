using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.Resilience;
using Fury.Sdk.Telemetry;

namespace Fury.Sdk;

internal static class ServiceChannel
{
    /// <summary>How long a call that came by an old binding waits for the new one.</summary>
    public static readonly TimeSpan ReboundWait = TimeSpan.FromSeconds(10);
}

/// <summary>Takes calls to whichever driver is the present one, through the policy of its binding, under the eyes of telemetry.</summary>
internal sealed class ServiceChannel<TDriver>(string service, ServiceKind kind, TimeProvider clock) : IServiceChannel
    where TDriver : class, IDriver
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Generation<TDriver>? _current;

    public event Action<BindingInfo>? Switched;

    public string Service { get; } = service;

    public ServiceKind Kind { get; } = kind;

    public TimeProvider Clock { get; } = clock;

    public CapabilitySet Capabilities => _current?.Capabilities ?? CapabilitySet.Empty;

    public BindingInfo Binding => _current?.Binding ?? new BindingInfo(Service, "", "", "", 0, BindingState.Unbound);

    public object? Native => _current?.Driver.Native;

    public Task Ready => _ready.Task;

    /// <summary>Refuses a call that needs what the present driver was not attested to do.</summary>
    public void Require(Capability capability, string what)
    {
        var current = Current();
        if (!current.Capabilities.Has(capability))
        {
            throw Failure.Unsupported(Service, capability, what);
        }
    }

    /// <summary>The present generation, entered. The caller exits it.</summary>
    public Generation<TDriver> Enter()
    {
        while (true)
        {
            var current = Current();
            if (current.TryEnter())
            {
                return current;
            }
        }
    }

    /// <summary>One call of the application.</summary>
    /// <param name="body">One attempt; given the state as it is, so that it can be static.</param>
    /// <param name="extra">What it may take longer than the policy says.</param>
    public async ValueTask<TResult> Invoke<TState, TResult>(
        Operation operation, CallOptions? options, TState state, Func<TDriver, Call, TState, CancellationToken, ValueTask<TResult>> body,
        CancellationToken cancellation, TimeSpan extra = default)
    {
        var generation = Enter();
        try
        {
            return await InvokeOn(generation, operation, options, state, body, cancellation, extra);
        }
        catch (FuryException stale) when (stale is { Code: FuryErrorCode.StaleBinding, OutcomeUnknown: false })
        {
            if (!await IsRebound(generation, ServiceChannel.ReboundWait, cancellation))
            {
                throw;
            }
        }
        finally
        {
            generation.Exit();
        }

        var (next, result) = await InvokeHeld(operation, options, state, body, cancellation, extra);
        next.Exit();
        return result;
    }

    /// <summary>The same; the generation on which it succeeded stays entered, for what was begun there. The caller exits it.</summary>
    public async ValueTask<(Generation<TDriver> Generation, TResult Result)> InvokeHeld<TState, TResult>(
        Operation operation, CallOptions? options, TState state, Func<TDriver, Call, TState, CancellationToken, ValueTask<TResult>> body,
        CancellationToken cancellation, TimeSpan extra = default)
    {
        long? begun = null;
        while (true)
        {
            var generation = Enter();
            try
            {
                return (generation, await InvokeOn(generation, operation, options, state, body, cancellation, extra));
            }
            catch (Exception error)
            {
                generation.Exit();
                if (error is not FuryException { Code: FuryErrorCode.StaleBinding, OutcomeUnknown: false }
                    || !await IsRebound(generation, ServiceChannel.ReboundWait - Clock.GetElapsedTime(begun ??= Clock.GetTimestamp()), cancellation))
                {
                    throw;
                }
            }
        }
    }

    /// <summary>The same on a generation that the caller has entered: what was begun there ends there.</summary>
    public ValueTask<TResult> InvokeOn<TState, TResult>(
        Generation<TDriver> generation, Operation operation, CallOptions? options, TState state,
        Func<TDriver, Call, TState, CancellationToken, ValueTask<TResult>> body, CancellationToken cancellation, TimeSpan extra = default) =>
        generation.Binding.State == BindingState.Evacuated && Kind != ServiceKind.Queue
            // Who holds no generation waits for the next one.
            ? throw new FuryException(FuryErrorCode.StaleBinding, $"'{Service}' leaves its provider; calls wait for the next one.")
            : CallRunner.Run(
                generation.Pipeline,
                generation.Driver,
                new Call(Service, Kind, generation.Binding, operation, options, extra),
                state,
                body,
                Clock,
                cancellation);

    public Task Switch(IDriver driver, ServiceBinding binding, TimeSpan drainTimeout)
    {
        var next = new Generation<TDriver>((TDriver)driver, binding, Clock);
        var last = Interlocked.Exchange(ref _current, next);
        _ready.TrySetResult();
        Instruments.Bound(next.Binding);
        Switched?.Invoke(next.Binding);
        return last is null ? Task.CompletedTask : last.Retire(drainTimeout);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _current, null) is { } last)
        {
            // The application ends; what it has not settled or closed by now it never will.
            await last.Retire(TimeSpan.Zero);
        }
    }

    /// <summary>Whether another generation takes the place of one that is out of date, within so long.</summary>
    public async ValueTask<bool> IsRebound(Generation<TDriver> stale, TimeSpan atMost, CancellationToken cancellation)
    {
        if (_current == stale && atMost > TimeSpan.Zero)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stale.Retiring, cancellation);
            await Task.Delay(atMost, Clock, either.Token).ContinueWith(
                static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            cancellation.ThrowIfCancellationRequested();
        }

        return _current != stale && atMost > TimeSpan.Zero;
    }

    private Generation<TDriver> Current() => _current ?? throw new FuryException(
        FuryErrorCode.NotBound, $"Nothing stands behind '{Service}' yet; wait for WaitUntilReadyAsync.")
    { IsTransient = true };
}
