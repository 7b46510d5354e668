using System.Diagnostics.CodeAnalysis;
using Fury.Sdk.Bindings;
using Fury.Sdk.Drivers;
using Fury.Sdk.Resilience;

namespace Fury.Sdk;

/// <summary>A driver from when it was bound until it was switched away and its last call has ended.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "The source has no timer; calls that are late may still look at its token.")]
internal sealed class Generation<TDriver>(TDriver driver, ServiceBinding binding, TimeProvider clock)
    where TDriver : class, IDriver
{
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _retiring = new();

    // One for being the current one, and one for each call.
    private long _uses = 1;

    public TDriver Driver { get; } = driver;

    public BindingInfo Binding { get; } = binding.Info;

    /// <summary>In the high bits of fencing tokens.</summary>
    public long TokenEpoch { get; } = binding.TokenEpoch ?? binding.Epoch;

    public CapabilitySet Capabilities { get; } = binding.Attested ?? driver.Declared;

    public CallPipeline Pipeline { get; } = new(binding.Policy, clock);

    /// <summary>Cancelled when another has taken its place: what waits here should wait there.</summary>
    public CancellationToken Retiring => _retiring.Token;

    /// <summary>False when it is no more; then there is another.</summary>
    public bool TryEnter()
    {
        var uses = Volatile.Read(ref _uses);
        while (uses > 0)
        {
            var seen = Interlocked.CompareExchange(ref _uses, uses + 1, uses);
            if (seen == uses)
            {
                return true;
            }

            uses = seen;
        }

        return false;
    }

    public void Exit()
    {
        if (Interlocked.Decrement(ref _uses) == 0)
        {
            _idle.TrySetResult();
        }
    }

    /// <summary>Waits for its calls, but not longer than this, and disposes the driver.</summary>
    public async Task Retire(TimeSpan drainTimeout)
    {
        await _retiring.CancelAsync();
        Exit();
        try
        {
            await _idle.Task.WaitAsync(drainTimeout, clock);
        }
        catch (TimeoutException)
        {
            // What is still in flight ends with whatever error the disposed driver gives.
        }

        await Driver.DisposeAsync();
    }
}
