using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Mesh.Contracts;
using static Fury.Deployments.Driving.Machine;

namespace Fury.Deployments.Driving;

/// <summary>The way back of <see cref="Machine"/>: capacity first, then the traffic, then the candidate goes. Nothing stops it.</summary>
internal static class Returning
{
    public static Move.Go Turn(DeploymentRecord record, WayBack back, DateTimeOffset now, params (string, object)[] data)
    {
        record = record with { Back = back };
        var message = back.Asked ? $"Aborted: {back.Reason}" : back.Reason;

        // Nothing was asked of the world yet, so there is nothing to take back.
        return record.Plan is null ? End(record, back.End, now, message, data)
            : record.Current is null ? ToShiftBack(record, now, message, data)
            : To(
                record, DeploymentPhase.RestoringCapacity, TimeSpan.FromSeconds(record.Policy.ProvisionSeconds), now, message, data);
    }

    public static Move Restore(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        var current = record.Current!;
        if (seen.CurrentReady >= current.Replicas)
        {
            var message = $"All {current.Replicas} replicas of {current.Version} are ready.";
            return ToShiftBack(record, now, message, ("ready", seen.CurrentReady));
        }

        if (Over(record, now))
        {
            return seen.CurrentReady > 0
                ? ToShiftBack(
                    record,
                    now,
                    $"Only {seen.CurrentReady} of {current.Replicas} replicas of {current.Version} are ready, and time is over.",
                    ("ready", seen.CurrentReady),
                    ("wanted", current.Replicas))
                : Keep(record, seen, now);
        }

        // A pool that is taken down is never revived. Its release can be started again, under an id that is written before it is asked for.
        if (seen.Current is { Phase: not PoolPhase.Active })
        {
            return Stay(
                record with { Current = current with { Id = seen.Fresh } },
                now,
                $"The pool of {current.Version} is gone; a fresh one is started.",
                ("pool", seen.Fresh));
        }

        return seen.Refused is not null ? Retry(record, now)
            : seen.Current is null || seen.Current.Spec.Replicas < current.Replicas ? new Move.Ensure(current)
            : Await(record, now, LookAgain);
    }

    public static Move ShiftBack(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        // The candidate stays known as a warm fallback until every proxy has moved; it is not made known to any that never heard of it.
        PoolWeight[] wanted = record.Current is not { } current ? []
            : seen.InTable(record.Candidate) ? [new(current.Id, 100), new(record.Candidate.Id, 0)]
            : [new(current.Id, 100)];
        if (seen.Shows(wanted, record.Fence))
        {
            return To(
                record with { TableVersion = seen.Table.Version },
                DeploymentPhase.ConvergingBack,
                TimeSpan.FromSeconds(record.Policy.ConvergeSeconds),
                now,
                record.Current is null
                    ? "Nothing serves the scope."
                    : $"All traffic goes to {record.Current.Version} in table version {seen.Table.Version}.",
                ("tableVersion", seen.Table.Version));
        }

        return Over(record, now) ? Keep(record, seen, now)
            : record.Current is not null && seen.CurrentReady == 0 ? Await(record, now, LookAgain)
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

        return Holding.Tell(record, seen.Behind, record.TableVersion, now) ?? (Move)Await(record, now, LookAgain, record.TableVersion);
    }

    public static Move DrainBack(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        PoolWeight[] wanted = record.Current is { } current ? [new(current.Id, 100)] : [];
        if (!seen.Shows(wanted, record.Fence))
        {
            return Over(record, now) ? Keep(record, seen, now)
                : record.Current is not null && seen.CurrentReady == 0 && !seen.Routes(wanted) ? Await(record, now, LookAgain)
                : seen.Refused is null ? new Move.Publish(wanted)
                : Retry(record, now);
        }

        return LettingGo.Drained(record, record.Candidate, seen, now)
            ?? (LettingGo.MayGo(record, seen)
                ? To(record, DeploymentPhase.RetiringCandidate, RetireDeadline, now, LettingGo.LetGo(record.Version, seen), LettingGo.Facts(seen))
                : Finish(
                    record with { Leftover = record.Candidate }, now, LettingGo.Kept(record.Candidate, seen), LettingGo.Facts(seen)));
    }

    public static Move RetireCandidate(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        // I10: the candidate is not taken down while it alone can serve.
        var needed = record.Current is not null && seen.CurrentReady == 0 && seen.CandidateReady > 0;
        return seen.Candidate switch
        {
            { Phase: PoolPhase.Retired } => Finish(record, now, Ended(record)),
            _ when Over(record, now) => Finish(
                record with { Leftover = seen.Candidate is { Phase: PoolPhase.Retiring } ? null : record.Candidate },
                now,
                $"{Ended(record)} The candidate's pool is still to be taken down{Why(seen.Refused)}."),
            { Phase: PoolPhase.Retiring } => Await(record, now, LookAgain),
            // A pool that the engine does not know is retired too, so that an Ensure under way cannot bring it to life.
            _ => seen.Refused is not null ? Retry(record, now)
                : needed ? Await(record, now, LookAgain)
                : new Move.Retire(record.Candidate),
        };
    }

    /// <summary>
    /// The way back cannot be gone: the current pool has no ready replica, or the mesh refuses it. What serves is kept. When that is the
    /// candidate, it is what the scope runs from now on (though it was never done, so no rollback goes to it); the old pool stays as the
    /// proxies' fallback until the next deployment. When neither serves, the old pool stays the scope's own, and the candidate stays too.
    /// </summary>
    private static Move.Go Keep(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        if (record.Current is not { } current)
        {
            var unpublished = $"The empty table could not be published{Why(seen.Refused)}.";
            return Finish(record with { Leftover = record.Candidate }, now, unpublished);
        }

        var candidateServes = seen.WeightOf(record.Candidate) > 0 && seen.CandidateReady > 0;
        var message = candidateServes
            ? $"{current.Version} could not be brought back{Why(seen.Refused)}: {record.Version} keeps the traffic. Deploy again."
            : $"{current.Version} has no ready replica and keeps the traffic: nothing else can serve. Deploy again.";
        return candidateServes
            ? Finish(record with { Serving = record.Candidate, Leftover = current }, now, message, ("kept", record.Candidate.Id))
            : Finish(record with { Leftover = record.Candidate }, now, message, ("kept", current.Id));
    }

    private static Move.Go ToShiftBack(DeploymentRecord record, DateTimeOffset now, string message, params (string, object)[] data) =>
        To(record, DeploymentPhase.ShiftingBack, TimeSpan.FromSeconds(record.Policy.ConvergeSeconds), now, message, data);

    private static Move.Go Finish(DeploymentRecord record, DateTimeOffset now, string message, params (string, object)[] data) =>
        End(record with { Serving = record.Serving ?? record.Current }, record.Back!.End, now, message, data);

    private static string Ended(DeploymentRecord record) =>
        (record.Current is null ? "Nothing serves the scope" : $"{record.Current.Version} serves alone")
        + (record.Back!.Asked ? $"; aborted: {record.Back.Reason}" : $"; {record.Version} was turned back: {record.Back.Reason}");
}
