using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Planning;
using static Fury.Deployments.Driving.Machine;

namespace Fury.Deployments.Driving;

/// <summary>The way back of <see cref="Machine"/>: capacity first, then the traffic, then the candidates go. Nothing stops it.</summary>
internal static class Returning
{
    public static Move.Go Turn(DeploymentRecord record, WayBack back, DateTimeOffset now, params (string, object)[] data)
    {
        record = record with { Back = back, Held = null, Recommendations = [] };
        var message = back.Asked ? $"Aborted: {back.Reason}" : back.Reason;

        // Nothing was asked of the world yet, so there is nothing to take back.
        return record.Cells.Count == 0 ? End(record, back.End, now, message, data)
            : !record.Returning.Any() ? ToShiftBack(record, now, message, data)
            : To(
                record, DeploymentPhase.RestoringCapacity, TimeSpan.FromSeconds(record.Policy.ProvisionSeconds), now, message, data);
    }

    public static Move Restore(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        var currents = record.Returning.Select(lane => lane.Current!).ToList();
        var (ready, wanted) = (currents.Sum(pool => Math.Min(seen.Ready(pool), pool.Replicas)), currents.Sum(pool => pool.Replicas));
        if (ready >= wanted)
        {
            return ToShiftBack(record, now, $"All {wanted} replicas of {VersionOf(record)} are ready.", ("ready", ready));
        }

        if (Over(record, now))
        {
            return WaitOn(record, seen, now, ready, wanted) ?? RestoredInPart(record, seen, now, ready, wanted);
        }

        // A pool that is taken down is never revived. Its release can be started again, under an id that is written before it is asked for.
        if (currents.Any(pool => seen.State(pool) is { Phase: not PoolPhase.Active }))
        {
            var lanes = record.Lanes.Select((lane, index) => lane is { IsKept: false, Current: { } gone } && seen.State(gone) is { Phase: not PoolPhase.Active }
                ? lane with { Current = gone with { Id = seen.Fresh[index] } }
                : lane);
            return Stay(record with { Lanes = [.. lanes] }, now, $"The pool of {VersionOf(record)} is gone; a fresh one is started.", ("pool", seen.Fresh[0]));
        }

        var small = currents.FirstOrDefault(pool => seen.State(pool) is not { Spec: var spec } || Math.Min(spec.Replicas, spec.Floor) < pool.Replicas);
        return seen.Refused is not null ? Retry(record, now)
            : small is not null ? new Move.Ensure(small, Math.Max(small.Replicas, seen.State(small)?.Spec.Replicas ?? 0), small.Replicas)
            : Await(record, now, LookAgain);
    }

    public static Move ShiftBack(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        // The candidates stay known as warm fallbacks until every proxy has moved.
        var wanted = record.Lanes.Any(lane => lane.Current is not null) ? Weights.Back(record.Lanes, seen.InTable) : [];
        if (seen.Shows(wanted, record.Fence))
        {
            return To(
                record with { TableVersion = seen.Table.Version },
                DeploymentPhase.ConvergingBack,
                TimeSpan.FromSeconds(record.Policy.ConvergeSeconds),
                now,
                wanted.Count == 0
                    ? "Nothing serves the scope."
                    : $"All traffic goes to {VersionOf(record)} in table version {seen.Table.Version}.",
                ("tableVersion", seen.Table.Version));
        }

        return Over(record, now) ? Keep(record, seen, now)
            : record.Returning.Any(lane => seen.Ready(lane.Current) == 0) ? Await(record, now, LookAgain)
            : seen.Refused is null ? new Move.Publish(wanted)
            : Retry(record, now);
    }

    public static Move ConvergeBack(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        var span = TimeSpan.FromSeconds(record.Policy.ConvergeSeconds);
        if (seen.Behind is { Count: 0 })
        {
            return To(record, DeploymentPhase.DrainingBack, span, now, $"Every live proxy has applied version {record.TableVersion}.");
        }

        // Whatever the policy: nothing is taken from these proxies yet, and it is for the table to come that the policy counts.
        if (Over(record, now) && seen.Behind is { } behind)
        {
            return To(
                record,
                DeploymentPhase.DrainingBack,
                span,
                now,
                $"Goes on although proxies have not applied version {record.TableVersion}: {Names(behind)}.",
                ("behind", Names(behind)));
        }

        return Lagging.Tell(record, seen.Behind, record.TableVersion, now) ?? (Move)Await(record, now, LookAgain, record.TableVersion);
    }

    public static Move DrainBack(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        var serving = Serving(record);
        var wanted = Weights.Alone(serving);
        if (!seen.Shows(wanted, record.Fence))
        {
            return Over(record, now) ? Keep(record, seen, now)
                : serving.Any(pool => seen.Ready(pool) == 0) && !seen.Routes(wanted) ? Await(record, now, LookAgain)
                : seen.Refused is null ? new Move.Publish(wanted)
                : Retry(record, now);
        }

        return LettingGo.Drained(record, seen, now)
            ?? (LettingGo.MayGo(record, seen)
                ? To(record, DeploymentPhase.RetiringCandidate, RetireDeadline, now, LettingGo.LetGo(record.Version, seen), LettingGo.Facts(seen))
                : Finish(
                    record with { Leftovers = Leaving(record) }, now, LettingGo.Kept(record.Version, seen), LettingGo.Facts(seen)));
    }

    public static Move RetireCandidates(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        var standing = Leaving(record).Where(pool => seen.State(pool) is not { Phase: PoolPhase.Retired }).ToList();
        if (standing.Count == 0)
        {
            return LettingGo.Settled(Serving(record), seen) is { } settle && !Over(record, now)
                ? seen.Refused is null ? settle : Retry(record, now)
                : Finish(record, now, Ended(record));
        }

        if (Over(record, now))
        {
            return Finish(
                record with { Leftovers = [.. standing.Where(pool => seen.State(pool) is not { Phase: PoolPhase.Retiring })] },
                now,
                $"{Ended(record)} The candidate's pool is still to be taken down{Why(seen.Refused)}.");
        }

        // I10: a candidate is not taken down while it alone can serve. A pool that the engine does not know is retired too, so that an Ensure under way
        // cannot bring it to life.
        var next = standing.FirstOrDefault(pool => seen.State(pool) is not { Phase: PoolPhase.Retiring });
        var isNeeded = next is not null && seen.Ready(next) > 0
            && record.Lanes.Any(lane => lane.Candidate == next && lane.Current is not null && seen.Ready(lane.Current) == 0);
        return next is null || isNeeded ? Await(record, now, LookAgain)
            : seen.Refused is not null ? Retry(record, now)
            : new Move.Retire(next);
    }

    /// <summary>What serves each location at the end of the way back.</summary>
    public static IReadOnlyList<PoolPlan> Serving(DeploymentRecord record) =>
        [.. record.Lanes.Select(lane => lane.IsKept ? lane.Candidate : lane.Current).OfType<PoolPlan>()];

    /// <summary>The pools that leave the table at the end of the way back.</summary>
    public static IReadOnlyList<PoolPlan> Leaving(DeploymentRecord record) =>
        [.. record.Moving.Select(lane => lane.IsKept ? lane.Current : lane.Candidate).OfType<PoolPlan>()];

    /// <summary>
    /// A candidate that is only short of replicas carries its part meanwhile, and a current pool that is short of them too would carry less: there is time, as
    /// much as a deployment may be held. Null when it is over, or when waiting helps nobody.
    /// </summary>
    private static Move.Go? WaitOn(DeploymentRecord record, Seen seen, DateTimeOffset now, int ready, int wanted)
    {
        var until = record.PhaseSince + TimeSpan.FromSeconds(record.Policy.HoldSeconds);
        return record.Back!.Patient && now < until && record.Moving.Any(lane => IsServing(lane.Candidate!, seen))
            ? Stay(
                record with { Deadline = until },
                now,
                $"{ready} of {wanted} replicas of {VersionOf(record)} are ready; until they all are, {record.Version} keeps its part of the traffic.",
                ("ready", ready),
                ("wanted", wanted))
            : null;
    }

    /// <summary>Where nothing of the current pool is ready and the candidate serves, the candidate is kept; the others go back.</summary>
    private static Move.Go RestoredInPart(DeploymentRecord record, Seen seen, DateTimeOffset now, int ready, int wanted)
    {
        var lanes = record.Lanes.Select(lane =>
            lane is { IsKept: false, Current: { } current, Candidate: { } candidate } && seen.Ready(current) == 0 && IsServing(candidate, seen)
                ? lane with { IsKept = true }
                : lane).ToList();
        var goesBack = lanes.Any(lane => lane is { Candidate: not null, IsKept: false } && seen.Ready(lane.Current) > 0);
        return goesBack
            ? ToShiftBack(
                record with { Lanes = lanes },
                now,
                $"Only {ready} of {wanted} replicas of {VersionOf(record)} are ready, and time is over.",
                ("ready", ready),
                ("wanted", wanted))
            : Keep(record, seen, now);
    }

    /// <summary>
    /// The way back cannot be gone: the current pools have no ready replica, or the mesh refuses it. What serves is kept. Where that is the
    /// candidate, it is what the scope runs from now on (though it was never done, so no rollback goes to it); the old pool stays as the
    /// proxies' fallback until the next deployment. Where neither serves, the old pool stays the scope's own, and the candidate stays too.
    /// </summary>
    private static Move.Go Keep(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        if (!record.Lanes.Any(lane => lane.Current is not null))
        {
            var unpublished = $"The empty table could not be published{Why(seen.Refused)}.";
            return Finish(record with { Leftovers = Leaving(record) }, now, unpublished);
        }

        record = record with { Lanes = [.. record.Lanes.Select(lane => lane with { IsKept = lane.Candidate is { } pool && IsServing(pool, seen) })] };
        var message = record.Lanes.Any(lane => lane.IsKept)
            ? $"{VersionOf(record)} could not be brought back{Why(seen.Refused)}: {record.Version} keeps the traffic. Deploy again."
            : $"{VersionOf(record)} has no ready replica and keeps the traffic: nothing else can serve. Deploy again.";
        return Finish(record with { Leftovers = Leaving(record) }, now, message, ("kept", string.Join(", ", Serving(record).Select(pool => pool.Id))));
    }

    private static bool IsServing(PoolPlan candidate, Seen seen) => seen.WeightOf(candidate) > 0 && seen.Ready(candidate) > 0;

    private static string VersionOf(DeploymentRecord record) =>
        record.Lanes.Select(lane => lane.Current).FirstOrDefault(pool => pool is not null)?.Version.ToString() ?? "nothing";

    private static Move.Go ToShiftBack(DeploymentRecord record, DateTimeOffset now, string message, params (string, object)[] data) =>
        To(record, DeploymentPhase.ShiftingBack, TimeSpan.FromSeconds(record.Policy.ConvergeSeconds), now, message, data);

    private static Move.Go Finish(DeploymentRecord record, DateTimeOffset now, string message, params (string, object)[] data) =>
        End(record with { Serving = Serving(record) }, record.Back!.End, now, message, data);

    private static string Ended(DeploymentRecord record) =>
        (record.Lanes.Any(lane => lane.Current is not null) ? $"{VersionOf(record)} serves alone" : "Nothing serves the scope")
        + (record.Back!.Asked ? $"; aborted: {record.Back.Reason}" : $"; {record.Version} was turned back: {record.Back.Reason}");
}
