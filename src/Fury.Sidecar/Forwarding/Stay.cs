using Fury.Sidecar.Routing;
using Microsoft.AspNetCore.Http;

namespace Fury.Sidecar.Forwarding;

/// <summary>One request while it is held for its scope to wake: whether it may be, and for how long.</summary>
internal sealed class Stay(Holds holds, TimeProvider clock, HttpContext context, RequestBody body, CancellationToken deadline) : IDisposable
{
    /// <summary>How long a request is held, however often it has to be.</summary>
    public static readonly TimeSpan PatienceMax = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long while there are endpoints, none of which could be connected to: those of a scope that goes to sleep leave the routes in a moment, and one that
    /// is broken is to fail soon.
    /// </summary>
    public static readonly TimeSpan StalePatienceMax = TimeSpan.FromSeconds(2);

    private long? _since;
    private Holds.Place? _place;
    private Task? _change;

    public bool MayBe(RoutedScope? scope) =>
        scope is { Rules.Holds: true } && PoolOf(scope) is not null && body.CanReplay && !context.Response.HasStarted;

    /// <summary>Returns null when it is time to look at the routes again, and else why it is held no longer.</summary>
    public async ValueTask<Refusal?> Wait(RoutedScope scope)
    {
        var since = _since ??= clock.GetTimestamp();
        if (_place is null)
        {
            _place = holds.Enter(scope.Scope, PoolOf(scope)!.Slot, body.HeldBytes);
            _change = _place?.NextChange();
            SidecarMetrics.Held.Add(_place is null ? 0 : 1);
            return _place is null ? Refusal.TooManyWait(scope.Scope) : null;
        }

        var patience = Array.Exists(scope.Pools, pool => pool.Endpoints.Length > 0) ? StalePatienceMax : PatienceMax;
        var left = patience - clock.GetElapsedTime(since);
        if (left <= TimeSpan.Zero)
        {
            return Refusal.NotAwake(scope.Scope);
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, deadline);
        try
        {
            await _change!.WaitAsync(left, clock, over.Token);
        }
        catch (TimeoutException)
        {
            return Refusal.NotAwake(scope.Scope);
        }
        catch (OperationCanceledException)
        {
            return Refusal.After(context.RequestAborted.IsCancellationRequested ? Ending.ClientLeft : Ending.TimedOut, context.Request.Host.Host);
        }

        _change = _place.NextChange();
        return null;
    }

    /// <summary>It goes on, for now.</summary>
    public void Dispose()
    {
        _place?.Dispose();
        _place = null;
    }

    /// <summary>The pool that it waits for: the one with the most weight.</summary>
    private static RoutedPool? PoolOf(RoutedScope scope) => scope.Pools.Where(pool => pool.Weight > 0).MaxBy(pool => pool.Weight);
}
