using System.Text.Json.Serialization;

namespace Fury.Deployments.Contracts;

/// <summary>What a caller may set of a policy; what is null has the strategy's default.</summary>
/// <param name="WhenUnconverged"><c>turn-back</c>, <c>wait</c> or <c>go-on</c>.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record PolicyRequest(
    int? ProvisionSeconds = null,
    int? ConvergeSeconds = null,
    int? JudgeSeconds = null,
    int? BakeSeconds = null,
    int? DrainSeconds = null,
    double? MaxErrorPercent = null,
    int? MinRequests = null,
    int? MaxRestarts = null,
    string? WhenUnconverged = null,
    int? StepDeadlineSeconds = null,
    int? HoldSeconds = null,
    int? HeadroomPercent = null,
    string? OnFail = null)
{
    /// <summary>How many times the current's share of errors a candidate may have and still be no worse, 1 to 10.</summary>
    public double? ToleratedRatio { get; init; }

    /// <summary>At most one of the candidate's requests in a hundred may take longer.</summary>
    public double? MaxP99Ms { get; init; }

    /// <summary>Latency that the candidate is forgiven, as a migration to a place farther away has it.</summary>
    public double? ExtraLatencyMs { get; init; }

    /// <summary>Metrics of the application's own that it is judged by.</summary>
    public IReadOnlyList<MetricRequest>? Metrics { get; init; }
}

/// <summary>A step of the traffic, as a caller wishes it.</summary>
/// <param name="Weight">The candidate's percent of the traffic of each location, 0 to 100 with at most two decimals.</param>
/// <param name="Gate"><c>timed</c>, <c>manual</c> or <c>evidence</c>.</param>
/// <param name="Seconds">How long at least; of a timed gate, how long. Null: the policy's <c>judgeSeconds</c>.</param>
/// <param name="DeadlineSeconds">How long a gate by hand or by evidence may take. Null: the policy's.</param>
/// <param name="OnFail"><c>rollback</c> or <c>hold</c>. Null: the policy's.</param>
/// <param name="Capacity">For which percent of the traffic the candidate gets replicas. Null: for its weight.</param>
/// <param name="Locations">Where. Null: everywhere.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record StepRequest(
    decimal? Weight,
    string? Gate = null,
    int? Seconds = null,
    int? DeadlineSeconds = null,
    string? OnFail = null,
    decimal? Capacity = null,
    IReadOnlyList<string>? Locations = null);

/// <summary>A location of a scope's first deployment.</summary>
/// <param name="Location"><c>provider/region/group</c>.</param>
/// <param name="Share">Its percent of the traffic. Null for all: the same for each.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record PlaceRequest(string? Location, decimal? Share = null);

/// <summary>What to do when the scope has a deployment in progress.</summary>
public enum WhenBusy
{
    /// <summary>Refuse with the id of the one in progress.</summary>
    Refuse,

    /// <summary>Abort the one in progress and begin once it has gone back.</summary>
    Replace,

    /// <summary>Begin once it has ended. One waits at most: the latest.</summary>
    Queue,
}

/// <summary>The wish for a deployment.</summary>
/// <param name="Version">
/// A version of the application, frozen with the scope's settings of this moment; null: the one that the scope runs, with its settings as they are now.
/// </param>
/// <param name="Strategy"><c>all-in</c>, <c>blue-green</c>, <c>canary</c>, <c>safe</c> or <c>migration</c>.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record DeploymentRequest(string? Version, string? Strategy, PolicyRequest? Policy = null, string? WhenBusy = null)
{
    /// <summary>Of a canary, a safe deployment or a migration: the steps instead of the strategy's own. The last one has weight 100.</summary>
    public IReadOnlyList<StepRequest>? Steps { get; init; }

    /// <summary>Of a scope's first deployment: where it is to run. Later deployments go where it runs.</summary>
    public IReadOnlyList<PlaceRequest>? Locations { get; init; }

    /// <summary>Of a migration: the location that is left. May be left out where the scope runs at one.</summary>
    public string? From { get; init; }

    /// <summary>Of a migration: the location that it goes to.</summary>
    public string? To { get; init; }

    /// <summary>Of a migration: how many replicas there do the work of one here, 0.1 to 10. Null: 1.</summary>
    public decimal? ReplicaRatio { get; init; }

    /// <summary>Who asks, 1 to 100 printable characters; they can not approve it themselves. A proven name stands instead.</summary>
    public string? By { get; init; }
}

/// <summary>The wish to go back.</summary>
/// <param name="To">A release id; null for the release before the current one.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RollbackRequest(string? To = null, PolicyRequest? Policy = null, string? WhenBusy = null)
{
    /// <summary>Who asks, 1 to 100 printable characters; they can not approve it themselves. A proven name stands instead.</summary>
    public string? By { get; init; }
}

/// <summary>What people may ask of a deployment in progress.</summary>
public enum Command
{
    /// <summary>Turn back. Legal in every phase that is not terminal, and dominant.</summary>
    Abort,

    /// <summary>Keep the weights as they are.</summary>
    Hold,

    /// <summary>Go on where it is held.</summary>
    Resume,

    /// <summary>Leave the present step whatever its gate says.</summary>
    Promote,

    /// <summary>Go to the last step.</summary>
    PromoteFull,

    /// <summary>Begin the present step again.</summary>
    RetryStep,

    /// <summary>Begin with the first step again.</summary>
    RetryAll,

    /// <summary>End a migration: what it has left is taken down.</summary>
    Finalise,
}
