using Fury.Compute.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Gates;
using Fury.Deployments.Judging;
using Fury.Deployments.Planning;
using Fury.Deployments.Sources;
using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Deployments.Driving;

/// <summary>What a deployment does next. The list is closed; each is idempotent, so a move whose answer was lost is made again.</summary>
internal abstract record Move
{
    private Move()
    {
    }

    /// <summary>Ask the engine for the pool at a size below which its autoscaler does not go.</summary>
    public sealed record Ensure(PoolPlan Pool, int Replicas, int Floor) : Move;

    /// <summary>Ask the engine for another floor.</summary>
    public sealed record SetFloor(PoolPlan Pool, int Floor) : Move;

    /// <summary>Ask the engine for another replica in the place of one that is sick.</summary>
    public sealed record Replace(PoolPlan Pool, InstanceId Replica) : Move;

    /// <summary>Ask the mesh for these weights, under the deployment's fence.</summary>
    public sealed record Publish(IReadOnlyList<PoolWeight> Pools) : Move;

    /// <summary>Ask the engine to take the pool down.</summary>
    public sealed record Retire(PoolPlan Pool) : Move;

    /// <summary>Look again when there is news, at the latest at <paramref name="Until"/>.</summary>
    /// <param name="Version">Also when every live proxy has applied this version.</param>
    public sealed record Wait(DateTimeOffset Until, long? Version = null) : Move;

    /// <summary>Write the next state and its event.</summary>
    public sealed record Go(DeploymentRecord Next, DateTimeOffset At, string Message, IReadOnlyDictionary<string, string> Data) : Move;
}

/// <summary>The world as the driver has just seen it.</summary>
internal sealed record Seen
{
    /// <summary>What a deployment that is admitted needs to begin; null while it must wait, or while that cannot be read.</summary>
    public Situation? Situation { get; init; }

    /// <summary>By id; a pool that the engine was never asked for is not among them.</summary>
    public IReadOnlyDictionary<PoolId, PoolState> Pools { get; init; } = new Dictionary<PoolId, PoolState>();

    public required RoutingTable Table { get; init; }

    /// <summary>The table was confirmed by the mesh under this driver's fence since the phase began.</summary>
    public bool Confirmed { get; init; }

    /// <summary>Proxies that have not applied the table; null when it was not asked.</summary>
    public IReadOnlyList<ProxyState>? Behind { get; init; }

    /// <summary>Proxies that route by the table and have not shown yet that they have let go of the leaving pools.</summary>
    public IReadOnlyList<ProxyState> Lingering { get; init; } = [];

    /// <summary>What freezes, vetoes, pins and approvals say now.</summary>
    public GateStanding Standing { get; init; } = GateStanding.Go;

    /// <summary>What the judge says of the candidate now; null when it has nothing to judge by.</summary>
    public Verdict? Verdict { get; init; }

    /// <summary>What it has made that of.</summary>
    public Judged? Judged { get; init; }

    /// <summary>What the metrics of the application's own look like before the candidate has traffic.</summary>
    public SourceCheck Check { get; init; } = SourceCheck.Fine;

    /// <summary>How the last move of this phase was refused; null when it was not, or when it is time to try again.</summary>
    public Fault? Refused { get; init; }

    /// <summary>Ids that nobody has used, should fresh pools be needed: one for each lane.</summary>
    public IReadOnlyList<PoolId> Fresh { get; init; } = [];

    public PoolState? State(PoolPlan? pool) => pool is null ? null : Pools.GetValueOrDefault(pool.Id);

    public int Ready(PoolPlan? pool) => State(pool) is { Phase: PoolPhase.Active } state ? state.Ready : 0;

    public bool InTable(PoolPlan? pool) => pool is not null && Table.Pools.Any(weight => weight.Pool == pool.Id);

    public decimal WeightOf(PoolPlan? pool) => Table.Pools.FirstOrDefault(weight => weight.Pool == pool?.Id)?.Weight ?? 0;

    /// <summary>The table is the wanted one, and no earlier driver can replace it.</summary>
    public bool Shows(IReadOnlyList<PoolWeight> wanted, long fence) => (Confirmed || Table.Fence == fence) && Routes(wanted);

    /// <summary>The table is the wanted one, whoever has published it; to do so again changes nothing but the fence.</summary>
    public bool Routes(IReadOnlyList<PoolWeight> wanted) => Table.Pools.Count == wanted.Count && wanted.All(Table.Pools.Contains);
}
