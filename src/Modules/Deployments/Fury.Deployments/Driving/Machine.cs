using System.Globalization;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Kernel;
using Fury.Mesh.Contracts;

namespace Fury.Deployments.Driving;

/// <summary>
/// The state machine of a deployment: record + what is seen + now → one move. Pure and level-triggered: it never asks what it did before,
/// only what is true, so it may be asked again after any crash. The way forward is in <see cref="Forward"/> and <see cref="Stepping"/>, the way back in
/// <see cref="Returning"/>, what people ask for in <see cref="Commands"/>.
/// </summary>
internal static class Machine
{
    /// <summary>How long reading what a deployment needs to begin may take.</summary>
    public static readonly TimeSpan BeginDeadline = TimeSpan.FromSeconds(60);

    /// <summary>How long a deployment may wait for its turn, for an approval or for the end of a freeze.</summary>
    public static readonly TimeSpan TurnDeadline = TimeSpan.FromHours(24);

    /// <summary>How long taking a pool down may take before the deployment ends without seeing it gone; the engine goes on.</summary>
    public static readonly TimeSpan RetireDeadline = TimeSpan.FromSeconds(60);

    /// <summary>How long replicas may be missing at the end of the judgement before that is a failure.</summary>
    public static readonly TimeSpan HealthGrace = TimeSpan.FromSeconds(30);

    /// <summary>The net under lost news, e.g. of an engine on another host.</summary>
    public static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    /// <summary>The same in the phases that last: what matters there is told by the judge, which looks at every pool at each tick.</summary>
    public static readonly TimeSpan LookAgainSlowly = TimeSpan.FromSeconds(30);

    /// <summary>Progress is written at most this often.</summary>
    public static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(1);

    public static Move Advance(DeploymentRecord record, Seen seen, DateTimeOffset now) => record.Phase switch
    {
        DeploymentPhase.Admitted => Forward.Begin(record, seen, now),
        DeploymentPhase.Provisioning => Forward.Provision(record, seen, now),
        DeploymentPhase.Shifting => Forward.Shift(record, seen, now),
        DeploymentPhase.Converging => Forward.Converge(record, seen, now),
        DeploymentPhase.Judging => Stepping.Observe(record, seen, now),
        DeploymentPhase.Baking => Stepping.Bake(record, seen, now),
        DeploymentPhase.Held => Holding.Watch(record, seen, now),
        DeploymentPhase.Draining => LettingGo.Drain(record, seen, now),
        DeploymentPhase.Retiring => LettingGo.Retire(record, seen, now),
        DeploymentPhase.RestoringCapacity => Returning.Restore(record, seen, now),
        DeploymentPhase.ShiftingBack => Returning.ShiftBack(record, seen, now),
        DeploymentPhase.ConvergingBack => Returning.ConvergeBack(record, seen, now),
        DeploymentPhase.DrainingBack => Returning.DrainBack(record, seen, now),
        DeploymentPhase.RetiringCandidate => Returning.RetireCandidates(record, seen, now),
        _ => throw new InvalidOperationException($"Deployment {record.Id} has ended ({record.Phase}); nothing moves it."),
    };

    /// <summary>Enters <paramref name="phase"/>, which ends by itself after <paramref name="span"/>.</summary>
    public static Move.Go To(
        DeploymentRecord record,
        DeploymentPhase phase,
        TimeSpan span,
        DateTimeOffset now,
        string message,
        params (string, object)[] data) =>
        Stay(record with { Phase = phase, PhaseSince = now, Deadline = now + span, DrainUntil = null, Laggards = null }, now, message, data);

    public static Move.Go End(
        DeploymentRecord record, DeploymentPhase phase, DateTimeOffset now, string message, params (string, object)[] data) =>
        Stay(
            record with
            {
                Phase = phase,
                PhaseSince = now,
                Deadline = null,
                EndedAt = now,
                DrainUntil = null,
                Laggards = null,
                Held = null,
                Leftovers = [.. record.Leftovers, .. record.GivenUp],
            },
            now,
            message,
            data);

    /// <summary>An event without a change of phase.</summary>
    public static Move.Go Stay(
        DeploymentRecord record, DateTimeOffset now, string message, params (string Name, object Value)[] data) => new(
        record with
        {
            Revision = record.Revision + 1,
            Reason = message,
            // What would help is over with what it was to help against.
            Recommendations = record.Held is null && record.Back is null ? [] : record.Recommendations,
        },
        now,
        message,
        data.ToDictionary(fact => fact.Name, fact => Convert.ToString(fact.Value, CultureInfo.InvariantCulture) ?? ""));

    public static bool Over(DeploymentRecord record, DateTimeOffset now) => now >= record.Deadline;

    /// <summary>Waits for news, but never past the deadline.</summary>
    public static Move.Wait Await(DeploymentRecord record, DateTimeOffset now, TimeSpan atMost, long? version = null)
    {
        var until = now + atMost;
        return new(record.Deadline is { } deadline && deadline < until ? deadline : until, version);
    }

    /// <summary>Waits before a refused move is made again: a tenth of the time it has taken so far, so milliseconds at first.</summary>
    public static Move.Wait Retry(DeploymentRecord record, DateTimeOffset now) =>
        Await(record, now, TimeSpan.FromMilliseconds(Math.Clamp((now - record.PhaseSince).TotalMilliseconds / 10, 2, 500)));

    public static Move.Go TurnBack(DeploymentRecord record, DateTimeOffset now, string reason, params (string, object)[] data) =>
        Returning.Turn(record, new WayBack(Asked: false, reason), now, data);

    /// <summary>Nothing speaks against the candidate but that replicas of it are missing, so a way back may take its time.</summary>
    public static Move.Go Patiently(Move.Go move) =>
        move.Next.Back is { } back ? move with { Next = move.Next with { Back = back with { Patient = true } } } : move;

    /// <summary>Each with its stage, since when, and its own words.</summary>
    public static string Names(IReadOnlyList<ProxyState> proxies) =>
        string.Join(", ", proxies.Take(10)) + (proxies.Count > 10 ? $" and {proxies.Count - 10} more" : "");

    public static string Why(Fault? fault) => fault is null ? "" : $" ({fault.Message.TrimEnd('.')})";

    /// <summary>Trying again cannot help; the other kinds may pass by themselves.</summary>
    public static bool WillNeverWork(Fault fault) =>
        fault.Kind is FaultKind.Invalid or FaultKind.NotFound or FaultKind.Forbidden or FaultKind.Unauthenticated or FaultKind.Conflict;
}
