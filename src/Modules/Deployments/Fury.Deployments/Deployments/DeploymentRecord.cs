using System.Text.Json.Serialization;
using Fury.Deployments.Contracts;
using Fury.Deployments.Planning;
using Fury.Kernel;

namespace Fury.Deployments.Deployments;

/// <summary>Why a deployment goes back.</summary>
/// <param name="Asked">True when somebody aborted it, false when it failed.</param>
/// <param name="Patient">
/// True when nothing speaks against the candidate but that replicas of it are missing: it goes on with its part of the traffic until the old pool is whole.
/// </param>
internal sealed record WayBack(bool Asked, string Reason, bool Patient = false)
{
    public DeploymentPhase End => Asked ? DeploymentPhase.Aborted : DeploymentPhase.RolledBack;
}

/// <summary>What keeps the weights as they are.</summary>
internal enum HoldCause
{
    /// <summary>Somebody has asked for it.</summary>
    Operator,

    /// <summary>The judge does not know, or the candidate has failed and must not, or need not everywhere, go back.</summary>
    Verdict,

    /// <summary>Deploying is frozen; it goes on when that is over.</summary>
    Freeze,

    /// <summary>A migration is complete, and can be taken back until somebody says that it need not.</summary>
    Finalise,
}

/// <param name="From">The phase that it was held in, and goes on with.</param>
internal sealed record Held(HoldCause Cause, string Why, DateTimeOffset Since, DeploymentPhase From);

/// <summary>Proxies that have not applied a table.</summary>
/// <param name="Proxies">Each with its stage, since when, and its own words.</param>
/// <param name="ToldAt">When an event last named them.</param>
/// <param name="WaitsSince">Since when the deadline is over and the policy waits on; null before.</param>
internal sealed record Laggards(string Proxies, DateTimeOffset ToldAt, DateTimeOffset? WaitsSince);

/// <summary>
/// All that a deployment knows of itself: what its events add up to. A driver that finds it can go on where the last one stopped.
/// Replaced whole, never edited; <see cref="Revision"/> is one more each time.
/// </summary>
internal sealed record DeploymentRecord(
    DeploymentId Id,
    ScopeRef Scope,
    Strategy Strategy,
    Policy Policy,
    ReleaseId To,
    VersionName Version,
    PoolId CandidatePool,
    DateTimeOffset CreatedAt)
{
    public DeploymentPhase Phase { get; init; }

    public DateTimeOffset PhaseSince { get; init; }

    /// <summary>When the phase ends by itself.</summary>
    public DateTimeOffset? Deadline { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public string? Reason { get; init; }

    /// <summary>Who has asked for it; null when they did not say.</summary>
    public string? AskedBy { get; init; }

    public long Revision { get; init; }

    /// <summary>Of the driver that drives it; kept in a column of its own.</summary>
    [JsonIgnore]
    public long Fence { get; init; }

    /// <summary>What is asked of the plan beside the release.</summary>
    public Route Route { get; init; } = Route.Usual;

    /// <summary>The locations of the scope; empty until it begins. On the way back a current pool may be a fresh one of the same release.</summary>
    public IReadOnlyList<Lane> Lanes { get; init; } = [];

    /// <summary>Of the scope's application when it began.</summary>
    public string Team { get; init; } = "";

    /// <summary>Of the scope when it began.</summary>
    public Criticality Criticality { get; init; }

    /// <summary>The steps of the traffic; empty until it begins.</summary>
    public IReadOnlyList<Cell> Cells { get; init; } = [];

    /// <summary>The index of the cell it is in.</summary>
    public int Cell { get; init; }

    /// <summary>The table version that proxies must apply in a converging phase.</summary>
    public long TableVersion { get; init; }

    /// <summary>The largest number of candidate replicas ever seen ready: progress, which flapping does not move.</summary>
    public int ReadyMost { get; init; }

    /// <summary>
    /// Until when the leaving pool's last requests may take; null until every proxy has stopped sending to it, or the policy goes on without those that
    /// have not.
    /// </summary>
    public DateTimeOffset? DrainUntil { get; init; }

    /// <summary>Who holds the phase up, as last told; null while nobody was told of.</summary>
    public Laggards? Laggards { get; init; }

    /// <summary>Why it is held, or is about to be once its table has spread; null otherwise.</summary>
    public Held? Held { get; init; }

    /// <summary>Sick replicas that others were asked for in their place.</summary>
    public IReadOnlyList<InstanceId> Replaced { get; init; } = [];

    /// <summary>How often somebody has had it judged anew.</summary>
    public int Attempt { get; init; }

    /// <summary>What would help, while it is held by a verdict or since it goes back because of one.</summary>
    public IReadOnlyList<Recommendation> Recommendations { get; init; } = [];

    /// <summary>Candidates of locations that were given up; they are left to be taken down after the end.</summary>
    public IReadOnlyList<PoolPlan> GivenUp { get; init; } = [];

    public WayBack? Back { get; init; }

    /// <summary>What the scope runs once this has ended, one pool for each location; null when it runs what it ran before.</summary>
    public IReadOnlyList<PoolPlan>? Serving { get; init; }

    /// <summary>Pools that could not be taken down safely before the end.</summary>
    public IReadOnlyList<PoolPlan> Leftovers { get; init; } = [];

    /// <summary>The keys of the last commands: the same command again changes nothing.</summary>
    public IReadOnlyList<string> CommandKeys { get; init; } = [];

    [JsonIgnore]
    public bool Ended => Phase is DeploymentPhase.Done or DeploymentPhase.RolledBack or DeploymentPhase.Aborted;

    /// <summary>The lanes that change.</summary>
    [JsonIgnore]
    public IEnumerable<Lane> Moving => Lanes.Where(lane => lane.Candidate is not null);

    /// <summary>The lanes that have a way back: something served there before.</summary>
    [JsonIgnore]
    public IEnumerable<Lane> Returning => Moving.Where(lane => lane is { Current: not null, IsKept: false });

    /// <summary>The candidates' percent of all the traffic in the cell that it is in.</summary>
    [JsonIgnore]
    public decimal Weight => Weights.At(Lanes, Cells, Cell).Where(weight => Moving.Any(lane => lane.Candidate!.Id == weight.Pool)).Sum(one => one.Weight);

    [JsonIgnore]
    public Cell Now => Cells[Cell];
}
