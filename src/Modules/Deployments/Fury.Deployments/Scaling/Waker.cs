using Fury.Catalog.Contracts;
using Fury.Compute.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Driving;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Microsoft.Extensions.Logging;

namespace Fury.Deployments.Scaling;

/// <summary>
/// Wakes the pool that requests wait for, also while a deployment is in progress: a pool of the scope's own that has replicas again is in nobody's way. It
/// looks at the pool and not at what it did before, and proxies repeat themselves while requests wait, so no crash leaves it asleep.
/// </summary>
internal sealed partial class Waker(ICatalog catalog, World world, ScalingStore store, ILogger<Waker> log) : IEventListener<PoolAwaited>
{
    public async Task Handle(PoolAwaited news, CancellationToken cancellation)
    {
        var current = (await store.Find(news.Scope, cancellation))?.Current ?? [];
        if (current.FirstOrDefault(one => one.Id == news.Pool) is not { } pool || world.Engine(pool.Compute) is not { } engine)
        {
            return; // It has left the scope, or never was its own.
        }

        if (await store.Wake(news.Scope, cancellation))
        {
            Telemetry.Woke();
            Woke(log, news.Scope, pool.Id);
        }

        if (await engine.Describe(pool.Id, cancellation) is { IsOk: true, Value: { Phase: PoolPhase.Active, Spec.Replicas: 0 } })
        {
            var (scope, release) = (await catalog.FindScope(news.Scope, cancellation), await catalog.FindRelease(pool.Release, cancellation));
            var scaling = scope.IsOk ? scope.Value.Scaling : null;
            var floor = release.IsOk ? await world.FloorNow(scaling, release.Value, current, cancellation) : 1;
            await Sizes.Reach(engine, pool.Id, Floors.PartOf(new(floor, Sleeps: false), pool.Share), scaling, cancellation);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Scope {Scope} is woken by a request: pool {Pool} gets replicas again.")]
    private static partial void Woke(ILogger log, ScopeRef scope, PoolId pool);
}
