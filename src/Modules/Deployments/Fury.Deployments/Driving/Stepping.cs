using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Judging;
using Fury.Deployments.Planning;
using Fury.Kernel;
using static Fury.Deployments.Driving.Machine;

namespace Fury.Deployments.Driving;

/// <summary>A step of <see cref="Machine"/> once it has spread: it is judged until its gate opens, and then comes the next, or the end of the way.</summary>
internal static class Stepping
{
    /// <summary>Every proxy has applied the table, or the policy goes on without some.</summary>
    public static Move.Go Converged(DeploymentRecord record, DateTimeOffset now, string message, params (string, object)[] data)
    {
        data = [.. data, ("tableVersion", record.TableVersion)];
        if (record.Held is { } held)
        {
            return Holding.Hold(record, held.Cause, held.Why, now, data);
        }

        var cell = record.Now;
        return cell is { Gate: Gate.Timed, MinSeconds: 0 } ? Accept(record, now, message, data) : To(
            record,
            DeploymentPhase.Judging,
            cell.Gate == Gate.Timed
                ? TimeSpan.FromSeconds(cell.MinSeconds) + HealthGrace
                : TimeSpan.FromSeconds(Math.Max(cell.MinSeconds, cell.DeadlineSeconds)),
            now,
            $"{message} {record.Version} is judged {Until(cell)}.",
            data);
    }

    public static Move Observe(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        if ((Broken(record, seen, now) ?? Holding.Gated(record, seen, now)) is { } broken)
        {
            return broken;
        }

        var cell = record.Now;
        var verdict = seen.Verdict ?? Verdict.None;
        var soaked = record.PhaseSince + TimeSpan.FromSeconds(cell.MinSeconds);
        if (verdict is { Kind: VerdictKind.Inconclusive, Cause: not Cause.Node })
        {
            return Holding.Hold(record, HoldCause.Verdict, verdict.Reason, now, Facts(verdict));
        }

        if (now < soaked)
        {
            return AwaitUntil(record, now, soaked);
        }

        if (!Forward.IsCarried(record, seen))
        {
            return Over(record, now)
                ? Patiently(Failed(record, Missing(record, seen), now, "Replicas of the candidate are missing at the end of the step.", Facts(verdict)))
                : Await(record, now, LookAgain);
        }

        return cell.Gate switch
        {
            Gate.Timed when verdict.Kind == VerdictKind.Pass => Accept(record, now, $"Passed: {verdict.Reason}", Facts(verdict)),
            // I7: recorded as what it is. The time is over and the replicas are healthy, and that alone lets it go on.
            Gate.Timed => Accept(record, now, $"{verdict.Reason} Goes on because its time is over and its replicas are healthy.", Facts(verdict)),
            Gate.Evidence when verdict.Kind == VerdictKind.Pass => Accept(record, now, $"Passed: {verdict.Reason}", Facts(verdict)),
            _ when Over(record, now) => Holding.Hold(
                record,
                HoldCause.Verdict,
                cell.Gate == Gate.Manual
                    ? $"Nobody has promoted it in {cell.DeadlineSeconds} s. {verdict.Reason}"
                    : $"There was not enough evidence in {cell.DeadlineSeconds} s. {verdict.Reason}",
                now,
                Facts(verdict)),
            _ => Await(record, now, LookAgainSlowly),
        };
    }

    public static Move Bake(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        if ((Broken(record, seen, now) ?? Holding.Gated(record, seen, now)) is { } broken)
        {
            return broken;
        }

        var verdict = seen.Verdict ?? Verdict.None;
        return !Over(record, now) ? AwaitUntil(record, now, record.Deadline!.Value)
            : record.Strategy == Strategy.Migration
                ? Holding.Hold(record, HoldCause.Finalise, "It is complete. One table brings it back until it is finalised.", now, Facts(verdict))
                : LettingGo.Begin(record, now, "Baked: nothing spoke against it.", Facts(verdict));
    }

    /// <summary>What ends a step at once, whatever its gate: null when nothing does.</summary>
    public static Move? Broken(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        for (var index = 0; index < record.Lanes.Count; index++)
        {
            var lane = record.Lanes[index];
            if (lane.Candidate is not { } candidate || Weights.Of(record.Lanes, record.Cells, record.Cell, index) == 0)
            {
                continue;
            }

            var pool = seen.State(candidate);
            if (seen.Ready(candidate) == 0)
            {
                return Failed(record, [index], now, "No replica of the candidate is ready any more.");
            }

            if (pool!.Problem is { } problem && WillNeverWork(problem))
            {
                return Failed(record, [index], now, $"The candidate cannot run: {problem.Message}");
            }
        }

        return Judged(record, seen, now);
    }

    /// <summary>What the judge says ends a step at once, also while the next one is prepared: null when it says nothing of the kind.</summary>
    public static Move? Judged(DeploymentRecord record, Seen seen, DateTimeOffset now) =>
        seen.Verdict is not { } verdict ? Replaced(record, seen)
            : verdict.Kind == VerdictKind.Fail && Named(record, verdict.Failing) is var failing && !IsKnown(record, failing)
                ? Failed(record, failing, now, verdict.Reason, Facts(verdict))
            : verdict is { Cause: Cause.Node, Replica: { } replica } && InstanceId.TryParse(replica, out var sick) && !record.Replaced.Contains(sick)
                ? Stay(
                    record with { Replaced = [.. record.Replaced, sick] },
                    now,
                    $"{verdict.Reason} It is replaced.",
                    [.. Facts(verdict), ("replica", sick)])
            : Replaced(record, seen);

    /// <summary>
    /// The candidate has failed. What fails at some locations only goes back there, and the others are held for somebody to decide; a release that must not go
    /// back is held as it is.
    /// </summary>
    public static Move.Go Failed(
        DeploymentRecord record, IReadOnlyList<int> lanes, DateTimeOffset now, string why, params (string, object)[] data)
    {
        if (record.Now.OnFail == OnFail.Hold || record.Policy.OnFail == OnFail.Hold)
        {
            return Holding.Hold(record, HoldCause.Verdict, $"{why} It is held and not taken back, as it was asked for.", now, data);
        }

        if (lanes.Count == 0 || !Open(record).Except(lanes).Any() || record.Moving.Any(lane => lane.Current is null))
        {
            return TurnBack(record, now, why, data);
        }

        var places = string.Join(", ", lanes.Select(lane => record.Lanes[lane].Location));
        var barred = record.Lanes.Select((lane, index) => lanes.Contains(index) ? lane with { IsBarred = true } : lane).ToList();
        var text = $"{why} It goes back at {places} alone; elsewhere nothing speaks against it, and its weights are held.";
        return To(
            record with { Lanes = barred, Held = new(HoldCause.Verdict, text, now, DeploymentPhase.Judging) },
            DeploymentPhase.Shifting,
            TimeSpan.FromSeconds(record.Policy.ConvergeSeconds),
            now,
            text,
            [.. data, ("failing", places)]);
    }

    /// <summary>The step is left: for the next one, or because it was the last.</summary>
    public static Move.Go Accept(DeploymentRecord record, DateTimeOffset now, string message, params (string, object)[] data)
    {
        if (record.Cell + 1 < record.Cells.Count)
        {
            return Forward.ToProvisioning(record, record.Cell + 1, now, message, data);
        }

        return record.Policy.BakeSeconds > 0 && record.Returning.Any()
            ? To(record with { Held = null }, DeploymentPhase.Baking, TimeSpan.FromSeconds(record.Policy.BakeSeconds), now, message, data)
            : record.Strategy == Strategy.Migration
            ? Holding.Hold(record, HoldCause.Finalise, $"{message} One table brings it back until it is finalised.", now, data)
            : LettingGo.Begin(record with { Held = null }, now, message, data);
    }

    public static (string, object)[] Facts(Verdict verdict) =>
    [
        ("verdict", Word.Of(verdict.Kind)),
        ("verdictCause", Word.Of(verdict.Cause)),
        .. verdict.Metric is { } metric ? [("metric", metric)] : Array.Empty<(string, object)>(),
    ];

    private static int[] Named(DeploymentRecord record, IReadOnlyList<string>? names) =>
        [.. Enumerable.Range(0, record.Lanes.Count).Where(lane => names?.Contains(record.Lanes[lane].Location.ToString()) ?? false)];

    /// <summary>Where it fails it has gone back already, and what was seen there stays seen.</summary>
    private static bool IsKnown(DeploymentRecord record, int[] failing) => failing.Length > 0 && failing.All(lane => record.Lanes[lane].IsBarred);

    /// <summary>The lanes where the candidate has traffic.</summary>
    private static IEnumerable<int> Open(DeploymentRecord record) =>
        Enumerable.Range(0, record.Lanes.Count).Where(lane => Weights.Of(record.Lanes, record.Cells, record.Cell, lane) > 0);

    private static int[] Missing(DeploymentRecord record, Seen seen) =>
        [.. Open(record).Where(lane => seen.Ready(record.Lanes[lane].Candidate) < Forward.Needed(record, lane))];

    /// <summary>A sick replica is put on record first; while one of these is neither gone nor on its way, another is asked for in its place.</summary>
    private static Move.Replace? Replaced(DeploymentRecord record, Seen seen)
    {
        var standing = from lane in record.Moving
                       from replica in seen.State(lane.Candidate)?.Replicas ?? []
                       where replica.Phase != ReplicaPhase.Stopping && record.Replaced.Contains(replica.Id)
                       select new Move.Replace(lane.Candidate!, replica.Id);
        return seen.Refused is null ? standing.FirstOrDefault() : null;
    }

    private static Move.Wait AwaitUntil(DeploymentRecord record, DateTimeOffset now, DateTimeOffset until) =>
        Await(record, now, until - now < LookAgainSlowly ? until - now : LookAgainSlowly);

    private static string Until(Cell cell) => cell.Gate switch
    {
        Gate.Timed => $"for {cell.MinSeconds} s",
        Gate.Manual => $"until somebody promotes it, at most {cell.DeadlineSeconds} s",
        _ => $"until there is evidence enough, at least {cell.MinSeconds} s and at most {cell.DeadlineSeconds} s",
    };
}
