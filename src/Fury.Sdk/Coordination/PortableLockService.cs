using Fury.Sdk.Checks;
using Fury.Sdk.Drivers;
using Fury.Sdk.Resilience;

namespace Fury.Sdk.Coordination;

internal sealed class PortableLockService : LockService
{
    // Asked again by the same owner, a provider gives the same grant, so a lost answer does no harm.
    private static readonly Operation Acquire = new("acquire", Effect.Idempotent);
    private static readonly Operation Peek = new("peek", Effect.Read);
    private static readonly TimeSpan LeaseMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LeaseMax = TimeSpan.FromHours(12);
    private static readonly TimeSpan PollMin = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan PollMax = TimeSpan.FromMilliseconds(500);

    private readonly ServiceChannel<ILockDriver> _channel;

    public PortableLockService(ServiceChannel<ILockDriver> channel)
        : base(channel.Service)
    {
        _channel = channel;
        Follow(channel);
    }

    public override async Task<LockLease?> TryAcquireAsync(
        string resource, LockOptions? options = null, CancellationToken cancellationToken = default)
    {
        Check.Key("resource", resource);
        var asked = options ?? new LockOptions();
        CheckLease(asked.Lease);
        Check.Between("Wait", asked.Wait, TimeSpan.Zero, LeaseMax);
        _channel.Require(CoordinationCapabilities.Fencing, "A lock");
        var owner = Guid.CreateVersion7(_channel.Clock.GetUtcNow()).ToString("N");
        var deadline = _channel.Clock.GetUtcNow() + asked.Wait;
        for (var poll = PollMin; ; poll = poll * 2 > PollMax ? PollMax : poll * 2)
        {
            if (await TryOnce(resource, owner, asked, cancellationToken) is { } lease)
            {
                return lease;
            }

            var left = deadline - _channel.Clock.GetUtcNow();
            if (left <= TimeSpan.Zero)
            {
                return null;
            }

            var pause = poll * (0.5 + (Jitter.Next() / 2));
            await Task.Delay(pause < left ? pause : left, _channel.Clock, cancellationToken);
        }
    }

    public override async Task<LockLease> AcquireAsync(string resource, LockOptions options, CancellationToken cancellationToken = default)
    {
        Check.NotNull("options", options);
        return await TryAcquireAsync(resource, options, cancellationToken) ?? throw new FuryException(
            FuryErrorCode.Timeout, $"Another held {Check.Show(resource)} for all of the {options.Wait} that it was waited for.")
        { IsTransient = true };
    }

    public override async ValueTask<LockState> PeekAsync(string resource, CancellationToken cancellationToken = default)
    {
        Check.Key("resource", resource);
        var end = await _channel.Invoke(
            Peek, null, resource, static (driver, _, name, stop) => driver.PeekAsync(name, stop), cancellationToken);
        return new LockState(end is not null, end);
    }

    internal static void CheckLease(TimeSpan lease) => Check.Between("Lease", lease, LeaseMin, LeaseMax);

    private async Task<LockLease?> TryOnce(string resource, string owner, LockOptions options, CancellationToken cancellation)
    {
        // The lease is counted from before it was asked for: from here it may be too short, never too long.
        var asked = _channel.Clock.GetUtcNow();
        var (generation, grant) = await _channel.InvokeHeld(
            Acquire,
            null,
            (resource, owner, options.Lease),
            static (driver, _, state, stop) => driver.TryAcquireAsync(state.resource, state.owner, state.Lease, stop),
            cancellation);
        try
        {
            return grant is { } granted
                ? new PortableLockLease(
                    _channel, resource, owner, FencingTokens.Make(generation.TokenEpoch, granted.Counter), asked + options.Lease, options)
                : null;
        }
        finally
        {
            generation.Exit();
        }
    }
}
