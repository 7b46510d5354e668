using Fury.Catalog.Contracts;
using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Planning;
using Fury.Deployments.Scaling;
using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Deployments.Driving;

/// <summary>The world outside as a deployment meets it: catalog, engines and mesh. Looks and does; decides nothing.</summary>
internal sealed class World(
    ICatalog catalog, IEnumerable<IComputeEngine> engines, IRoutingTables tables, IDeploymentStore store, TimeProvider clock)
{
    private readonly Dictionary<ComputeKind, IComputeEngine> _engines = engines.ToDictionary(engine => engine.Kind);

    public IRoutingTables Tables => tables;

    /// <summary>Reads what the phase of <paramref name="record"/> may need, and no more.</summary>
    public async Task<Seen> Look(DeploymentRecord record, bool confirmed, Fault? refused, CancellationToken cancellation)
    {
        if (record.Phase == DeploymentPhase.Admitted)
        {
            var beginning = await LookForBeginning(record, cancellation);
            return new Seen
            {
                Table = new RoutingTable(record.Scope, 0, [], 0),
                Beginning = beginning.IsOk ? beginning.Value : null,
                Refused = beginning.Fault,
            };
        }

        var candidate = Describe(record.Candidate, cancellation);
        var current = record.Current is { } pool ? Describe(pool, cancellation) : Task.FromResult<PoolState?>(null);
        var table = tables.Current(record.Scope, cancellation);
        var traffic = await LookAtTraffic(record, cancellation);
        var seen = new Seen
        {
            Candidate = await candidate,
            Current = await current,
            Table = await table,
            Confirmed = confirmed,
            CandidateTraffic = traffic.FirstOrDefault(one => one.Pool == record.Candidate.Id),
            Refused = refused,
            Fresh = PoolId.New(clock),
        };
        if (VersionToApply(record, seen) is not { } version)
        {
            return seen;
        }

        var leaving = record.Phase switch
        {
            DeploymentPhase.Draining => record.Current,
            DeploymentPhase.DrainingBack => record.Candidate,
            _ => null,
        };
        var convergence = leaving is { } left
            ? await tables.Drained(record.Scope, left.Id, version, TimeSpan.Zero, cancellation)
            : await tables.Converged(record.Scope, version, TimeSpan.Zero, cancellation);
        var busy = convergence.Waiting.ToLookup(proxy => proxy.Stage == ProxyStage.Busy);
        return seen with { Behind = [.. busy[false]], Lingering = [.. busy[true]] };
    }

    /// <summary>Makes a move that asks something of the world. The table is given when it was published.</summary>
    public async Task<Outcome<RoutingTable?>> Do(DeploymentRecord record, Move move, CancellationToken cancellation)
    {
        switch (move)
        {
            case Move.Ensure(var pool):
                var spec = await SpecOf(pool, cancellation);
                return !spec.IsOk ? spec.Fault
                    : Engine(pool.Compute) is { } starter ? Nothing(await starter.Ensure(spec.Value, cancellation))
                    : NoEngine(pool);
            case Move.Retire(var pool):
                return Engine(pool.Compute) is { } engine ? Nothing(await engine.Retire(pool.Id, cancellation)) : NoEngine(pool);
            case Move.Publish(var pools):
                var published = await tables.Publish(record.Scope, pools, record.Fence, cancellation);
                return published.IsOk ? published.Value : published.Fault;
            default:
                throw new InvalidOperationException($"{move} asks nothing of the world.");
        }
    }

    /// <summary>
    /// The pool as last seen; null when no engine was ever asked for it. An engine that does not answer throws: nothing is decided about a
    /// pool that can not be seen, the driver looks again.
    /// </summary>
    public async Task<PoolState?> Describe(PoolPlan pool, CancellationToken cancellation)
    {
        if (Engine(pool.Compute) is not { } engine)
        {
            return null;
        }

        var described = await engine.Describe(pool.Id, cancellation);
        return described.IsOk ? described.Value
            : described.Fault.Kind == FaultKind.NotFound ? null
            : throw new IOException($"The engine does not say how pool {pool.Id} is: {described.Fault}");
    }

    /// <summary>The engine of a compute kind; null when this host has none.</summary>
    public IComputeEngine? Engine(ComputeKind kind) => _engines.GetValueOrDefault(kind);

    /// <summary>What a scope's scaling asks for now, by the clock and by the requests in flight to its pool.</summary>
    public async Task<int> FloorNow(ScalingPolicy? scaling, Release release, PoolPlan? current, CancellationToken cancellation)
    {
        var traffic = scaling?.InFlightPerReplica is null || current is null ? [] : await tables.Traffic([current.Id], cancellation);
        var scheduled = Schedules.At(scaling?.Schedules ?? [], clock.GetUtcNow()).Replicas;
        return Floors.Awake(scaling, release.MinReplicas, release.MaxReplicas, scheduled, traffic.Sum(pool => pool.InFlight));
    }

    private static Outcome<RoutingTable?> Nothing(Outcome<PoolState> pool) => pool.IsOk ? (RoutingTable?)null : pool.Fault;

    private static Fault NoEngine(PoolPlan pool) => Fault.Unavailable($"No engine for {pool.Compute} scopes runs here.");

    /// <summary>The version whose spreading the phase waits for.</summary>
    private static long? VersionToApply(DeploymentRecord record, Seen seen) => record.Phase switch
    {
        DeploymentPhase.Converging or DeploymentPhase.ConvergingBack => record.TableVersion,
        DeploymentPhase.Draining or DeploymentPhase.DrainingBack => seen.Table.Version,
        _ => null,
    };

    private async Task<IReadOnlyList<PoolTraffic>> LookAtTraffic(DeploymentRecord record, CancellationToken cancellation) =>
        record.Phase is DeploymentPhase.Provisioning or DeploymentPhase.Converging or DeploymentPhase.Judging or DeploymentPhase.Baking
            ? await tables.Traffic([record.Candidate.Id], cancellation)
            : [];

    private async Task<Outcome<Beginning>> LookForBeginning(DeploymentRecord record, CancellationToken cancellation)
    {
        var scope = await store.FindScope(record.Scope, cancellation);
        if (scope?.InProgress != record.Id)
        {
            return Fault.Conflict("Another deployment of the scope is in progress.");
        }

        var release = await catalog.FindRelease(record.To, cancellation);
        if (!release.IsOk)
        {
            return release.Fault;
        }

        var settings = await catalog.FindScope(record.Scope, cancellation);
        if (!settings.IsOk)
        {
            return settings.Fault;
        }

        var current = scope.Current;
        var state = current is null ? null : await Describe(current, cancellation);
        if (current is not null && state is { Phase: PoolPhase.Active })
        {
            // Its floor may have moved since it was planned, and be 0 because it sleeps.
            current = current with { Floor = Math.Max(1, state.Spec.Floor) };
        }

        var floor = await FloorNow(settings.Value.Scaling, release.Value, current, cancellation);
        return new Beginning(release.Value, current, state?.Ready ?? 0, floor);
    }

    private async Task<Outcome<PoolSpec>> SpecOf(PoolPlan pool, CancellationToken cancellation)
    {
        var found = await catalog.FindRelease(pool.Release, cancellation);
        if (!found.IsOk)
        {
            return found.Fault;
        }

        var release = found.Value;
        var scope = await catalog.FindScope(release.Scope, cancellation);
        if (!scope.IsOk)
        {
            return scope.Fault;
        }

        var spec = new ReleaseSpec(
            release.Id, release.Scope, release.Version, release.Artifact, release.Environment, release.Size, release.HealthPath);
        return new PoolSpec(pool.Id, spec, pool.Location, pool.Replicas, pool.Floor, pool.Ceiling, scope.Value.Criticality, scope.Value.Workload);
    }
}
