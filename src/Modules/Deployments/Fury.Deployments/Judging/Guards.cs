using System.Globalization;
using Fury.Deployments.Contracts;
using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Deployments.Judging;

/// <summary>Counters of a pool's traffic. The difference of two readings is evidence: a new driver goes on where the last was.</summary>
/// <param name="Errors">Answered with a 5xx, or not answered at all.</param>
internal readonly record struct Counts(long Requests, long Errors)
{
    public static Counts Of(PoolTraffic traffic) => new(traffic.Requests, traffic.Errors + traffic.Failures);

    public Counts Since(Counts baseline) =>
        new(Math.Max(0, Requests - baseline.Requests), Math.Max(0, Errors - baseline.Errors));
}

/// <summary>What is known of the candidate.</summary>
internal sealed record GuardEvidence(Counts Traffic, int Ready, int Wanted, int Restarts, Fault? Problem);

internal enum GuardVerdictKind
{
    /// <summary>Enough requests, and every guard holds.</summary>
    Pass,

    /// <summary>A guard is broken.</summary>
    Fail,

    /// <summary>Every guard holds, and there are too few requests to say more. Never taken for a pass.</summary>
    Insufficient,

    /// <summary>No guard is broken and not all replicas are ready: there is nothing to say yet.</summary>
    Unready,
}

internal sealed record GuardVerdict(GuardVerdictKind Kind, string Reason, IReadOnlyDictionary<string, string> Data);

/// <summary>Holds a candidate against absolute guards. Pure: the same evidence has the same verdict.</summary>
internal static class Guards
{
    /// <summary>Fewer errors than this never fail a candidate before its window is over: the first request of all may be unlucky.</summary>
    public const int ErrorsToFailEarly = 5;

    public static GuardVerdict Of(Policy policy, GuardEvidence evidence, bool windowOver)
    {
        var (requests, errors) = evidence.Traffic;
        var percent = requests == 0 ? 0 : 100.0 * errors / requests;
        var shares = string.Create(CultureInfo.InvariantCulture, $"{errors} of {requests} requests failed ({percent:0.##} %)");
        var allowed = string.Create(CultureInfo.InvariantCulture, $"{policy.MaxErrorPercent:0.##} % allowed");
        var tooMany = percent > policy.MaxErrorPercent;
        if (Broken(policy, evidence) is { } broken)
        {
            return Say(GuardVerdictKind.Fail, broken);
        }

        if (tooMany && (errors >= ErrorsToFailEarly || (windowOver && requests >= policy.MinRequests)))
        {
            return Say(GuardVerdictKind.Fail, $"{shares}, {allowed}.");
        }

        if (evidence.Ready < evidence.Wanted)
        {
            return Say(GuardVerdictKind.Unready, $"{evidence.Ready} of {evidence.Wanted} replicas are ready.");
        }

        return requests < policy.MinRequests
            ? Say(GuardVerdictKind.Insufficient, $"Insufficient evidence: {requests} requests, {policy.MinRequests} needed; {shares}.")
            : Say(GuardVerdictKind.Pass, $"{shares}, {allowed}; {evidence.Ready} of {evidence.Wanted} replicas are ready.");

        GuardVerdict Say(GuardVerdictKind kind, string reason) => new(kind, reason, new Dictionary<string, string>
        {
            ["verdict"] = kind.ToString().ToLowerInvariant(),
            ["requests"] = Text(requests),
            ["errors"] = Text(errors),
            ["errorPercent"] = percent.ToString("0.##", CultureInfo.InvariantCulture),
            ["maxErrorPercent"] = policy.MaxErrorPercent.ToString("0.##", CultureInfo.InvariantCulture),
            ["minRequests"] = Text(policy.MinRequests),
            ["ready"] = Text(evidence.Ready),
            ["wanted"] = Text(evidence.Wanted),
            ["restarts"] = Text(evidence.Restarts),
            ["maxRestarts"] = Text(policy.MaxRestarts),
        });
    }

    /// <summary>Why the candidate can never be accepted, whatever its traffic; null when nothing speaks against it.</summary>
    public static string? Unhealthy(Policy policy, int restarts, Fault? problem)
    {
        if (restarts > policy.MaxRestarts)
        {
            return $"Replicas of the candidate have crashed {restarts} times, {policy.MaxRestarts} are forgiven.";
        }

        return problem is not null && WillNeverWork(problem) ? $"The candidate cannot run: {problem.Message}" : null;
    }

    /// <summary>Trying again cannot help; the other kinds may pass by themselves.</summary>
    public static bool WillNeverWork(Fault fault) =>
        fault.Kind is FaultKind.Invalid or FaultKind.NotFound or FaultKind.Forbidden or FaultKind.Unauthenticated or FaultKind.Conflict;

    private static string? Broken(Policy policy, GuardEvidence evidence) =>
        Unhealthy(policy, evidence.Restarts, evidence.Problem)
        ?? (evidence.Ready == 0 ? "No replica of the candidate is ready any more." : null);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
