using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Driving;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Fury.Testing;

namespace Fury.Deployments.Tests;

/// <summary>Passes everything on, and kills the driver right before or after the given one of the things that change the world or the record.</summary>
internal sealed class Mortal(
    IDeploymentStore store, FakeComputeEngine engine, FakeRoutingTables tables, int steps, CancellationTokenSource life, bool before = false)
    : IDeploymentStore, IComputeEngine, IRoutingTables
{
    private int _left = steps;

    public ComputeKind Kind => engine.Kind;

    public Task<Outcome<PoolState>> Ensure(PoolSpec pool, CancellationToken cancellation) => Do(() => engine.Ensure(pool, cancellation));

    public Task<Outcome<PoolState>> SetFloor(PoolId pool, int floor, CancellationToken cancellation) =>
        Do(() => engine.SetFloor(pool, floor, cancellation));

    public Task<Outcome<PoolState>> Retire(PoolId pool, CancellationToken cancellation) => Do(() => engine.Retire(pool, cancellation));

    public Task<Outcome<PoolState>> Describe(PoolId pool, CancellationToken cancellation) => engine.Describe(pool, cancellation);

    public Task<IReadOnlyList<Location>> Locations(CancellationToken cancellation) => engine.Locations(cancellation);

    public Task<Outcome<PoolState>> Replace(PoolId pool, InstanceId replica, CancellationToken cancellation) =>
        Do(() => engine.Replace(pool, replica, cancellation));

    public Task<IReadOnlyList<PoolState>> Describe(IReadOnlyCollection<PoolId> pools, CancellationToken cancellation) =>
        engine.Describe(pools, cancellation);

    public Task<IReadOnlyList<ReplicaUsage>> Usage(IReadOnlyCollection<PoolId> pools, CancellationToken cancellation) =>
        engine.Usage(pools, cancellation);

    public Task<IReadOnlyList<PoolState>> List(ScopeRef scope, CancellationToken cancellation) => engine.List(scope, cancellation);

    public IAsyncEnumerable<LogLine> Logs(PoolId pool, int tail, bool follow, CancellationToken cancellation) =>
        engine.Logs(pool, tail, follow, cancellation);

    public Task<Outcome<RoutingTable>> Publish(
        ScopeRef scope, IReadOnlyList<PoolWeight> pools, long fence, CancellationToken cancellation) =>
        Do(() => tables.Publish(scope, pools, fence, cancellation));

    public Task<RoutingTable> Current(ScopeRef scope, CancellationToken cancellation) => tables.Current(scope, cancellation);

    public Task<Convergence> Converged(ScopeRef scope, long version, TimeSpan patience, CancellationToken cancellation) =>
        tables.Converged(scope, version, patience, cancellation);

    public Task<Convergence> Drained(ScopeRef scope, PoolId pool, long version, TimeSpan patience, CancellationToken cancellation) =>
        tables.Drained(scope, pool, version, patience, cancellation);

    public Task<IReadOnlyList<PoolTraffic>> Traffic(IReadOnlyList<PoolId> pools, CancellationToken cancellation) =>
        tables.Traffic(pools, cancellation);

    public Task<IReadOnlyList<ScopeRef>> Dependencies(ScopeRef scope, CancellationToken cancellation) => tables.Dependencies(scope, cancellation);

    public Task<long> Hold(ScopeRef scope, bool holds, CancellationToken cancellation) => tables.Hold(scope, holds, cancellation);

    public Uri Address(ScopeRef scope) => tables.Address(scope);

    public Task<Outcome<Admission>> Admit(Wish wish, CancellationToken cancellation) => store.Admit(wish, cancellation);

    public Task<DeploymentRecord?> Claim(DeploymentId deployment, long token, CancellationToken cancellation) =>
        Do(() => store.Claim(deployment, token, cancellation));

    public Task<Outcome<DeploymentRecord>> Append(DeploymentRecord record, Move.Go move, CancellationToken cancellation) =>
        Do(() => store.Append(record, move, cancellation));

    public Task<DeploymentRecord?> Find(DeploymentId deployment, CancellationToken cancellation) => store.Find(deployment, cancellation);

    public Task<ScopeRow?> FindScope(ScopeRef scope, CancellationToken cancellation) => store.FindScope(scope, cancellation);

    public Task<IReadOnlyList<DeploymentRecord>> List(ScopeRef scope, DeploymentId? before, int limit, CancellationToken cancellation) =>
        store.List(scope, before, limit, cancellation);

    public Task<IReadOnlyList<DeploymentEvent>> Events(DeploymentId deployment, long after, int limit, CancellationToken cancellation) =>
        store.Events(deployment, after, limit, cancellation);

    public Task<IReadOnlyList<(DeploymentId Id, int Shard, long Revision)>> Live(
        IReadOnlyList<int> shards, DeploymentId? after, int limit, CancellationToken cancellation) =>
        store.Live(shards, after, limit, cancellation);

    public Task<ProvenRelease?> RollbackTarget(ScopeRef scope, ReleaseId? wanted, CancellationToken cancellation) =>
        store.RollbackTarget(scope, wanted, cancellation);

    private async Task<T> Do<T>(Func<Task<T>> change)
    {
        var isLast = --_left == 0;
        if (isLast && before)
        {
            life.Cancel();
        }

        life.Token.ThrowIfCancellationRequested();
        var done = await change();
        if (isLast)
        {
            life.Cancel();
        }

        life.Token.ThrowIfCancellationRequested();
        return done;
    }
}
