using Fury.Sdk.Drivers;
using Fury.Sdk.Telemetry;

namespace Fury.Sdk.Coordination;

/// <summary>
/// A held lock. It does not keep its generation alive: after a switch it is lost at its end, since the new provider does not know its owner.
/// </summary>
internal sealed class PortableLockLease : LockLease
{
    private static readonly Operation Renew = new("renew", Effect.Idempotent);
    private static readonly Operation Release = new("release", Effect.Idempotent);

    private readonly ServiceChannel<ILockDriver> _channel;
    private readonly string _owner;
    private readonly TimeSpan _lease;
    private readonly CancellationTokenSource _lost = new();
    private readonly Lock _gate = new();
    private readonly ITimer _expiry;
    private readonly ITimer? _renewal;
    private DateTimeOffset _end;
    private bool _over;

    public PortableLockLease(
        ServiceChannel<ILockDriver> channel, string resource, string owner, long token, DateTimeOffset end, LockOptions options)
    {
        (_channel, Resource, _owner, FencingToken, _end, _lease) = (channel, resource, owner, token, end, options.Lease);
        _expiry = channel.Clock.CreateTimer(_ => Lose(), null, UntilLost(), Timeout.InfiniteTimeSpan);
        if (options.AutoRenew)
        {
            var third = options.Lease / 3;
            _renewal = channel.Clock.CreateTimer(_ => _ = RenewQuietly(), null, third, third);
        }
    }

    public override string Resource { get; }

    public override long FencingToken { get; }

    public override DateTimeOffset ExpiresAt
    {
        get
        {
            lock (_gate)
            {
                return _end;
            }
        }
    }

    public override CancellationToken Lost => _lost.Token;

    public override async Task RenewAsync(TimeSpan lease, CancellationToken cancellationToken = default)
    {
        PortableLockService.CheckLease(lease);
        if (_lost.IsCancellationRequested || _over)
        {
            throw Failure.LeaseLost($"the lock '{Resource}'");
        }

        var asked = _channel.Clock.GetUtcNow();
        var renewed = await _channel.Invoke(
            Renew,
            null,
            (Resource, Owner: _owner, lease),
            static (driver, _, state, stop) => driver.RenewAsync(state.Resource, state.Owner, state.lease, stop),
            cancellationToken);
        if (renewed is null)
        {
            Lose();
            throw Failure.LeaseLost($"the lock '{Resource}'");
        }

        lock (_gate)
        {
            _end = asked + lease;
            _expiry.Change(UntilLost(), Timeout.InfiniteTimeSpan);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _over, true))
        {
            return;
        }

        await _expiry.DisposeAsync();
        await (_renewal?.DisposeAsync() ?? ValueTask.CompletedTask);
        try
        {
            await _channel.Invoke(
                Release,
                null,
                (Resource, Owner: _owner),
                static async (driver, _, state, stop) =>
                {
                    await driver.ReleaseAsync(state.Resource, state.Owner, stop);
                    return true;
                },
                CancellationToken.None);
        }
        catch (FuryException)
        {
            // Its lease ends anyhow.
        }
    }

    private async Task RenewQuietly()
    {
        try
        {
            await RenewAsync(_lease);
        }
        catch (FuryException)
        {
            // Tried again at the next third; Lost tells when it is too late.
        }
    }

    private void Lose()
    {
        if (!_over && !_lost.IsCancellationRequested)
        {
            Instruments.LostLease(_channel.Service);
            _lost.Cancel();
        }
    }

    /// <summary>A tenth before its end, for the clocks' drift and the way to whoever listens.</summary>
    private TimeSpan UntilLost()
    {
        var left = _end - (_lease / 10) - _channel.Clock.GetUtcNow();
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
