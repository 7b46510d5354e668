using Fury.Catalog.Contracts;
using Fury.Compute.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Driving;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Microsoft.Extensions.Logging;

namespace Fury.Deployments.Scaling;

/// <summary>
/// Keeps the pools of scopes that have a <see cref="ScalingPolicy"/> at their floors, or asleep. Costs nothing for scopes without one. While a
/// deployment is in progress its driver has the scope's pools, and they are left alone.
/// </summary>
internal sealed partial class Scaler(ICatalog catalog, World world, ScalingStore store, TimeProvider clock, ILogger<Scaler> log) : IReconciler
{
    public const string ReconcilerName = "deployments-scaling";

    /// <summary>The next pass goes on behind them.</summary>
    private const int ScopesPerPassMax = 1000;

    /// <summary>How long it is believed that a pool is as it was asked to be.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30);

    private readonly Dictionary<ScopeRef, Watch> _watches = [];
    private long _fence;
    private ScopeRef? _after;

    public string Name => ReconcilerName;

    public TimeSpan Period { get; } = TimeSpan.FromSeconds(1);

    public bool OncePerPlatform => true;

    public async Task Pass(long fence, CancellationToken cancellation)
    {
        if (fence != _fence)
        {
            // Another host may have had the lease meanwhile, and what is remembered here may be old.
            _watches.Clear();
            (_fence, _after) = (fence, null);
        }

        var scaled = await catalog.Scaled(_after, ScopesPerPassMax, cancellation);
        var to = scaled.Count < ScopesPerPassMax ? null : scaled[^1].Ref;
        var scopes = await store.List([.. scaled.Select(scope => scope.Ref)], _after, to, 2 * ScopesPerPassMax, cancellation);
        var settings = scaled.ToDictionary(scope => scope.Ref, scope => scope.Scaling);
        var free = scopes.Where(scope => scope is { Current.Count: > 0, InProgress: null }).ToList();
        var traffic = (await world.Tables.Traffic([.. free.SelectMany(scope => scope.Current).Select(pool => pool.Id)], cancellation))
            .ToDictionary(pool => pool.Pool);
        foreach (var scope in free)
        {
            await Settle(scope, settings.GetValueOrDefault(scope.Scope), [.. scope.Current.Select(pool => traffic[pool.Id])], cancellation);
        }

        _after = to;
    }

    private async Task Settle(ScaledScope scope, ScalingPolicy? scaling, IReadOnlyList<PoolTraffic> traffic, CancellationToken cancellation)
    {
        if (await Watched(scope, scaling, cancellation) is not { } watch)
        {
            return;
        }

        if (scaling is not null && !scope.IsNoted)
        {
            await store.Note(scope.Scope, cancellation);
        }

        var heldFrom = scope.HeldFrom;
        if (scaling?.SleepAfterSeconds is not null && heldFrom is null)
        {
            heldFrom = await world.Tables.Hold(scope.Scope, true, cancellation);
            await store.Held(scope.Scope, heldFrom, cancellation);
        }

        var now = clock.GetUtcNow();
        watch = watch.Saw(scaling, traffic, scope.AsleepSince is not null, now);
        var floor = watch.FloorAt(now);
        if (floor.Sleeps && scope.AsleepSince is null && !await FallAsleep(scope, heldFrom, now, cancellation))
        {
            floor = watch.FloorAt(now, maySleep: false);
        }
        else if (!floor.Sleeps && scope.AsleepSince is not null)
        {
            await store.Wake(scope.Scope, cancellation);
        }

        if (watch.Reached is not { } reached || reached.Floor != floor || now - reached.At >= LookAgain || scaling is null)
        {
            var states = new List<Outcome<PoolState>>();
            foreach (var pool in scope.Current)
            {
                states.Add(world.Engine(pool.Compute) is { } engine
                    ? await Sizes.Reach(engine, pool.Id, Floors.PartOf(floor, pool.Share), scaling, cancellation)
                    : Fault.Unavailable($"No engine for {pool.Compute} scopes runs here."));
            }

            watch = watch with { Reached = states.All(state => state.IsOk) ? (floor, now) : null };
            await Tell(scope, scaling, heldFrom, states, floor, cancellation);
        }

        _watches[scope.Scope] = watch;
    }

    /// <summary>
    /// True when it may: every proxy that uses the scope has applied that requests are held, so that none is lost, and no deployment has begun.
    /// </summary>
    private async Task<bool> FallAsleep(ScaledScope scope, long? heldFrom, DateTimeOffset now, CancellationToken cancellation)
    {
        var mayBe = heldFrom is { } version
            && (await world.Tables.Converged(scope.Scope, version, TimeSpan.Zero, cancellation)).Done
            && await store.Sleep(scope.Scope, scope.Current[0].Id, _fence, now, cancellation);
        if (mayBe)
        {
            Telemetry.FellAsleep();
            Slept(log, scope.Scope, scope.Current[0].Id);
        }

        return mayBe;
    }

    /// <summary>What follows from how the pool is: a refusal is told, and a scope that is scaled no more is let go once it is as it was before.</summary>
    private async Task Tell(
        ScaledScope scope, ScalingPolicy? scaling, long? heldFrom, IReadOnlyList<Outcome<PoolState>> pools, Floor floor, CancellationToken cancellation)
    {
        if (pools.Select(pool => pool.Fault).FirstOrDefault(fault => fault is not null) is { } refused)
        {
            Refused(log, scope.Scope, floor.Replicas, refused.Message);
        }
        else if (scaling?.SleepAfterSeconds is null && pools.Any(pool => pool.Value.Ready > 0) && heldFrom is not null)
        {
            // Who still waits for it to wake was not let down by then.
            await world.Tables.Hold(scope.Scope, false, cancellation);
            await store.Held(scope.Scope, null, cancellation);
        }
        else if (scaling is null && heldFrom is null)
        {
            await store.Forget(scope.Scope, cancellation);
            _watches.Remove(scope.Scope);
        }
    }

    /// <summary>What was seen of the scope's pools so far. Null when one cannot be seen now.</summary>
    private async Task<Watch?> Watched(ScaledScope scope, ScalingPolicy? scaling, CancellationToken cancellation)
    {
        if (_watches.TryGetValue(scope.Scope, out var watch) && watch.Pool == scope.Current[0].Id)
        {
            return watch;
        }

        var release = await catalog.FindRelease(scope.Current[0].Release, cancellation);
        List<PoolState> states = [];
        foreach (var pool in scope.Current)
        {
            if (world.Engine(pool.Compute) is { } engine && await engine.Describe(pool.Id, cancellation) is { IsOk: true } state)
            {
                states.Add(state.Value);
            }
        }

        return release.IsOk && states.Count == scope.Current.Count ? Watch.Begin(states, release.Value, scaling, clock.GetUtcNow()) : null;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Scope {Scope} had no request for long, and sleeps: pool {Pool} runs no replica until one comes.")]
    private static partial void Slept(ILogger log, ScopeRef scope, PoolId pool);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What {Scope} runs is not at its floor {Floor}: {Reason}")]
    private static partial void Refused(ILogger log, ScopeRef scope, int floor, string reason);
}
