using Fury.Catalog.Contracts;
using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Gates;
using Fury.Deployments.Judging;
using Fury.Deployments.Planning;
using Fury.Deployments.Scaling;
using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Deployments.Driving;

/// <summary>The world outside as a deployment meets it: catalog, engines, mesh and judge. Looks and does; decides nothing.</summary>
internal sealed class World(
    ICatalog catalog, IEnumerable<IComputeEngine> engines, IRoutingTables tables, IDeploymentStore store, IVerdicts verdicts, IGates gates, TimeProvider clock)
{
    private readonly Dictionary<ComputeKind, IComputeEngine> _engines = engines.ToDictionary(engine => engine.Kind);

    public IRoutingTables Tables => tables;

    public IVerdicts Verdicts => verdicts;

    public IEnumerable<IComputeEngine> Engines => _engines.Values;

    /// <summary>Reads what the phase of <paramref name="record"/> may need, and no more.</summary>
    public async Task<Seen> Look(DeploymentRecord record, bool confirmed, Fault? refused, CancellationToken cancellation)
    {
        if (record.Phase == DeploymentPhase.Admitted)
        {
            var situation = await LookForSituation(record, cancellation);
            return new Seen
            {
                Standing = situation.IsOk ? await gates.Of(record, SubjectOf(record, situation.Value), Checkpoint.Begin, cancellation) : GateStanding.Go,
                Table = new RoutingTable(record.Scope, 0, [], 0),
                Situation = situation.IsOk ? situation.Value : null,
                Refused = situation.Fault,
            };
        }

        var pools = record.Moving.SelectMany(lane => lane.Pools).ToList();
        var states = Task.WhenAll(pools.Select(pool => Describe(pool, cancellation)));
        var table = tables.Current(record.Scope, cancellation);
        // What was said before somebody has had it judged anew is over.
        var judged = record.Back is null && verdicts.Of(record) is { } told && told.Judgement.Attempt == record.Attempt ? told : null;
        var seen = new Seen
        {
            Pools = (await states).OfType<PoolState>().ToDictionary(state => state.Id),
            Table = await table,
            Confirmed = confirmed,
            Standing = IsStepping(record) ? await gates.Of(record, SubjectOf(record), Checkpoint.GoOn, cancellation) : GateStanding.Go,
            Judged = judged,
            Verdict = judged?.Verdict,
            Refused = refused,
            Fresh = FreshFor(record.Lanes.Count),
        };
        if (VersionToApply(record, seen) is not { } version)
        {
            return IsBeforeTraffic(record) && record.Policy.Metrics.Count > 0 && Forward.IsCarried(record, seen)
                ? seen with { Check = verdicts.Check(record) }
                : seen;
        }

        var leaving = record.Phase switch
        {
            DeploymentPhase.Draining => LettingGo.Leaving(record),
            DeploymentPhase.DrainingBack => Returning.Leaving(record),
            _ => [],
        };
        var waits = leaving.Count == 0
            ? [await tables.Converged(record.Scope, version, TimeSpan.Zero, cancellation)]
            : await Task.WhenAll(leaving.Select(pool => tables.Drained(record.Scope, pool.Id, version, TimeSpan.Zero, cancellation)));
        var busy = waits.SelectMany(wait => wait.Waiting).DistinctBy(proxy => (proxy.Proxy, proxy.Stage)).ToLookup(proxy => proxy.Stage == ProxyStage.Busy);
        return seen with { Behind = [.. busy[false]], Lingering = [.. busy[true]] };
    }

    /// <summary>Makes a move that asks something of the world. The table is given when it was published.</summary>
    public async Task<Outcome<RoutingTable?>> Do(DeploymentRecord record, Move move, CancellationToken cancellation)
    {
        switch (move)
        {
            case Move.Ensure(var pool, var replicas, var floor):
                var spec = await SpecOf(pool, replicas, floor, cancellation);
                return !spec.IsOk ? spec.Fault
                    : Engine(pool.Compute) is { } starter ? Nothing(await starter.Ensure(spec.Value, cancellation))
                    : NoEngine(pool);
            case Move.SetFloor(var pool, var floor):
                return Engine(pool.Compute) is { } keeper ? Nothing(await keeper.SetFloor(pool.Id, floor, cancellation)) : NoEngine(pool);
            case Move.Replace(var pool, var replica):
                return Engine(pool.Compute) is { } doctor ? Nothing(await doctor.Replace(pool.Id, replica, cancellation)) : NoEngine(pool);
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

    /// <summary>What a scope's scaling asks for now over all its locations, by the clock and by the requests in flight to its pools.</summary>
    public async Task<int> FloorNow(ScalingPolicy? scaling, Release release, IReadOnlyList<PoolPlan> current, CancellationToken cancellation)
    {
        var traffic = scaling?.InFlightPerReplica is null ? [] : await tables.Traffic([.. current.Select(pool => pool.Id)], cancellation);
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

    /// <summary>Names the first location of a route that no engine has, with those that there are; null when all exist.</summary>
    public async Task<Fault?> Misplaced(Route route, CancellationToken cancellation)
    {
        List<(string Field, Location Location)> named = [.. route.Places.Select((place, index) => ($"locations[{index}].location", place.Location))];
        if (route.Relocation is { } relocation)
        {
            named.Add(("to", relocation.To));
        }

        if (named.Count == 0)
        {
            return null;
        }

        var known = (await Task.WhenAll(Engines.Select(engine => engine.Locations(cancellation)))).SelectMany(found => found).ToList();
        return named.FirstOrDefault(one => !known.Contains(one.Location)) is { Field: { } field } missing
            ? Fault.Invalid(field, missing.Location, known.Count == 0 ? "a location that an engine has" : $"one of {string.Join(", ", known)}")
            : null;
    }

    /// <summary>What a plan for the scope is made from.</summary>
    /// <param name="candidate">The id of the first pool that is started.</param>
    public async Task<Outcome<Situation>> Situation(ScopeRef scope, ReleaseId to, Route route, PoolId candidate, CancellationToken cancellation)
    {
        var (release, settings) = (await catalog.FindRelease(to, cancellation), await catalog.FindScope(scope, cancellation));
        var application = await catalog.FindApplication(scope.Application, cancellation);
        if ((release.Fault ?? settings.Fault ?? application.Fault) is { } unknown)
        {
            return unknown;
        }

        var current = (await store.FindScope(scope, cancellation))?.Current ?? [];
        var standing = await Task.WhenAll(current.Select(pool => Stands(pool, cancellation)));
        var floor = await FloorNow(settings.Value.Scaling, release.Value, current, cancellation);
        return new Situation(release.Value, standing, floor, [candidate, .. FreshFor(Math.Max(standing.Length, route.Places.Count))])
        {
            Team = application.Value.Team,
            Criticality = settings.Value.Criticality,
        };
    }

    /// <summary>What rules may be about: before a plan is made, where the scope runs and where it is to run.</summary>
    public static Subject SubjectOf(DeploymentRecord record, Situation situation) => new(
        record.Scope,
        situation.Team,
        situation.Criticality,
        [.. situation.Current.Select(one => one.Pool.Location), .. record.Route.Places.Select(place => place.Location), .. RelocationOf(record)]);

    public static Subject SubjectOf(DeploymentRecord record) =>
        new(record.Scope, record.Team, record.Criticality, [.. record.Moving.SelectMany(lane => lane.Pools).Select(pool => pool.Location).Distinct()]);

    /// <summary>May be stopped: what is not decided yet can wait. Letting go and going back cannot.</summary>
    private static bool IsStepping(DeploymentRecord record) => record.Back is null && record.Phase is DeploymentPhase.Provisioning
        or DeploymentPhase.Shifting or DeploymentPhase.Judging or DeploymentPhase.Baking or DeploymentPhase.Held;

    /// <summary>Back to what has served is not asked about.</summary>
    private static bool IsBeforeTraffic(DeploymentRecord record) =>
        record is { Phase: DeploymentPhase.Provisioning, Back: null, Cell: 0, Strategy: not Strategy.Rollback };

    private static IEnumerable<Location> RelocationOf(DeploymentRecord record) => record.Route.Relocation is { } relocation ? [relocation.To] : [];

    private async Task<Outcome<Situation>> LookForSituation(DeploymentRecord record, CancellationToken cancellation)
    {
        if ((await store.FindScope(record.Scope, cancellation))?.InProgress != record.Id)
        {
            return Fault.Conflict("Another deployment of the scope is in progress.");
        }

        var situation = await Situation(record.Scope, record.To, record.Route, record.CandidatePool, cancellation);
        return situation.IsOk && record is { Strategy: Strategy.Safe, Route.Steps: [] }
            ? await WithTraffic(record.Scope, situation.Value, cancellation)
            : situation;
    }

    /// <summary>Takes some seconds, as requests are counted.</summary>
    public async Task<Situation> WithTraffic(ScopeRef scope, Situation situation, CancellationToken cancellation) =>
        situation with { Traffic = await verdicts.CountTraffic(scope, [.. situation.Current.Select(one => one.Pool.Id)], cancellation) };

    /// <summary>Its floor may have moved since it was planned, and be 0 because it sleeps.</summary>
    private async Task<Standing> Stands(PoolPlan pool, CancellationToken cancellation) =>
        await Describe(pool, cancellation) switch
        {
            { Phase: PoolPhase.Active } state => new(pool with { Floor = Math.Max(1, state.Spec.Floor) }, state.Ready),
            var state => new(pool, state?.Ready ?? 0),
        };

    private PoolId[] FreshFor(int count) => [.. Enumerable.Range(0, count).Select(_ => PoolId.New(clock))];

    private async Task<Outcome<PoolSpec>> SpecOf(PoolPlan pool, int replicas, int floor, CancellationToken cancellation)
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
        return Sizes.Scaled(
            new PoolSpec(pool.Id, spec, pool.Location, replicas, floor, pool.Ceiling, scope.Value.Criticality, scope.Value.Workload),
            scope.Value.Scaling,
            mayShrink: false);
    }
}
