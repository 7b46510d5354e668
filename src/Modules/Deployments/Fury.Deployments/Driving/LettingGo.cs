using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Planning;
using Fury.Kernel;
using static Fury.Deployments.Driving.Machine;

namespace Fury.Deployments.Driving;

/// <summary>The end of the way forward of <see cref="Machine"/>: the old pool is let go, its last requests end, it is taken down.</summary>
internal static class LettingGo
{
    /// <summary>How often it is looked while a pool drains; proxies report a few times a second.</summary>
    private static readonly TimeSpan DrainTick = TimeSpan.FromMilliseconds(100);

    public static Move.Go Begin(DeploymentRecord record, DateTimeOffset now, string message, params (string, object)[] data) =>
        record.Returning.Any()
            ? To(record, DeploymentPhase.Draining, TimeSpan.FromSeconds(record.Policy.ConvergeSeconds), now, message, data)
            : Finish(record, now, message, data);

    /// <summary>What serves each location at the end of the way forward.</summary>
    public static IReadOnlyList<PoolPlan> Serving(DeploymentRecord record) => [.. record.Lanes.Select(lane => lane.Either)];

    /// <summary>The pools that leave the table at the end of the way forward.</summary>
    public static IReadOnlyList<PoolPlan> Leaving(DeploymentRecord record) => [.. record.Returning.Select(lane => lane.Current!)];

    private static Move.Go Finish(DeploymentRecord record, DateTimeOffset now, string message, params (string, object)[] data) =>
        End(record with { Serving = Serving(record) }, DeploymentPhase.Done, now, message, data);

    public static Move Drain(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        var wanted = Weights.Alone(Serving(record));
        var old = Leaving(record)[0].Version;
        var (shown, routed) = (seen.Shows(wanted, record.Fence), seen.Routes(wanted));

        // I10: the old pool is let go only for one that can carry the scope.
        var missing = record.Moving.Select(lane => lane.Candidate!)
            .FirstOrDefault(pool => routed ? seen.Ready(pool) == 0 : seen.Ready(pool) < pool.Replicas);
        if (missing is not null)
        {
            return Missing(record, missing, seen.Ready(missing), old, routed, now);
        }

        if (!shown)
        {
            return Over(record, now) ? TurnBack(record, now, $"The table without {old} could not be published{Why(seen.Refused)}.")
                : seen.Refused is null ? new Move.Publish(wanted)
                : Retry(record, now);
        }

        return Drained(record, seen, now)
            ?? (MayGo(record, seen)
                ? To(record, DeploymentPhase.Retiring, RetireDeadline, now, LetGo(old, seen), Facts(seen))
                // I3: a live proxy may still send to the old pool, so it stays; the deployment need not.
                : Finish(record with { Leftovers = Leaving(record) }, now, Kept(old, seen), Facts(seen)));
    }

    public static Move Retire(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        var standing = Leaving(record).Where(pool => seen.State(pool) is { Phase: not PoolPhase.Retired }).ToList();
        if (standing.Count == 0)
        {
            return Settled(Serving(record), seen) is { } settle && !Over(record, now)
                ? seen.Refused is null ? settle : Retry(record, now)
                : Finish(record, now, $"{record.Version} serves alone.");
        }

        var active = standing.Where(pool => seen.State(pool)!.Phase == PoolPhase.Active).ToList();
        return active.Count > 0 && record.Moving.Any(lane => seen.Ready(lane.Candidate) == 0)
            ? TurnBack(record, now, $"No replica of the candidate is ready; {active[0].Version} is still needed.")
            : Over(record, now) ? Finish(
                record with { Leftovers = active }, now, $"{record.Version} serves alone; the old pool is still being taken down.")
            : active.Count == 0 ? Await(record, now, LookAgain)
            : seen.Refused is null ? new Move.Retire(active[0])
            : Retry(record, now);
    }

    /// <summary>What serves alone gets the floor that it is to have from now on; on the way it had one of its own. Null when all have it.</summary>
    public static Move.SetFloor? Settled(IReadOnlyList<PoolPlan> serving, Seen seen) =>
        serving.FirstOrDefault(pool => seen.State(pool) is { Phase: PoolPhase.Active } state && state.Spec.Floor > pool.Floor) is { } pool
            ? new Move.SetFloor(pool, pool.Floor)
            : null;

    /// <summary>
    /// Waits until every proxy that uses the scope has applied the table, and then until each has reported a full interval in which it sent nothing
    /// to the pool that has left it. Null when there is nothing more to wait for.
    /// </summary>
    public static Move? Drained(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        var until = now + TimeSpan.FromSeconds(record.Policy.DrainSeconds);
        if (seen.Behind is not { Count: 0 })
        {
            return Unconverged(record, seen, now, until);
        }

        if (seen.Lingering.Count == 0 || now >= record.DrainUntil)
        {
            return null;
        }

        return record.DrainUntil is not null ? Await(record, now, DrainTick)
            : Stay(
                record with { DrainUntil = until, Deadline = until },
                now,
                $"Every proxy has applied version {seen.Table.Version}; the leaving pool is not idle yet: {Names(seen.Lingering)}.",
                ("lingering", Names(seen.Lingering)),
                ("tableVersion", seen.Table.Version));
    }

    /// <summary>Whether the leaving pool may be taken down: nobody sends to it any more, or the policy goes on without those who may (I3 is waived).</summary>
    public static bool MayGo(DeploymentRecord record, Seen seen) =>
        seen.Behind is { Count: 0 } || record.Policy.WhenUnconverged == WhenUnconverged.GoOn;

    public static (string, object)[] Facts(Seen seen) =>
    [
        ("behind", Names(seen.Behind ?? [])), ("lingering", Names(seen.Lingering)), ("tableVersion", seen.Table.Version),
    ];

    public static string LetGo(VersionName version, Seen seen) => seen.Behind is [_, ..] behind
        ? $"The pool of {version} is taken down, as the policy of this deployment says, though these proxies may still send to it: {Names(behind)}."
        : seen.Lingering.Count == 0
        ? $"Nothing is sent to {version} any more, and every proxy has reported it idle."
        : $"Nothing is sent to {version} any more; what is still in flight is cut off: {Names(seen.Lingering)}.";

    public static string Kept(VersionName version, Seen seen) =>
        $"The pool of {version} is kept until these proxies have applied version {seen.Table.Version}: {Names(seen.Behind ?? [])}.";

    /// <summary>The old pool stands while lost replicas of the candidate are replaced, for as long as it may take to start them.</summary>
    private static Move Missing(DeploymentRecord record, PoolPlan candidate, int ready, VersionName old, bool isRouted, DateTimeOffset now)
    {
        var message = $"{ready} of {candidate.Replicas} candidate replicas are ready; {old} is still needed.";
        var until = record.PhaseSince + TimeSpan.FromSeconds(record.Policy.ProvisionSeconds);
        return isRouted || (Over(record, now) && (ready == 0 || now >= until)) ? Patiently(TurnBack(record, now, message))
            : Over(record, now) ? Stay(record with { Deadline = until }, now, message, ("ready", ready))
            : Await(record, now, LookAgain);
    }

    /// <summary>Null when there is nothing more to wait for.</summary>
    private static Move? Unconverged(DeploymentRecord record, Seen seen, DateTimeOffset now, DateTimeOffset until)
    {
        var version = seen.Table.Version;
        var left = record.Back is null ? Leaving(record)[0].Version : record.Version;
        var isTold = record.DrainUntil is not null && record.Policy.WhenUnconverged == WhenUnconverged.GoOn;
        if (seen.Behind is not { } behind || !Over(record, now))
        {
            return (isTold ? null : Lagging.Tell(record, seen.Behind, version, now)) ?? (Move)Await(record, now, LookAgain, version);
        }

        return record.Policy.WhenUnconverged != WhenUnconverged.GoOn ? Lagging.WaitOn(record, behind, version, now)
            : isTold ? null
            : Stay(
                record with { DrainUntil = until, Deadline = until },
                now,
                $"Proxies have not applied version {version} and may still send to the pool of {left}: {Names(behind)}. "
                + $"It is taken down in {record.Policy.DrainSeconds} s all the same, as the policy of this deployment says.",
                Facts(seen));
    }
}
