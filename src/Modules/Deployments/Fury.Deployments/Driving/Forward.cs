using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Gates;
using Fury.Deployments.Planning;
using Fury.Deployments.Sources;
using Fury.Kernel;
using static Fury.Deployments.Driving.Machine;

namespace Fury.Deployments.Driving;

/// <summary>The way forward of <see cref="Machine"/>, up to the moment every proxy has applied a step: capacity first, then the table.</summary>
internal static class Forward
{
    public static Move Begin(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        if (seen.Standing.Ruling == Ruling.TurnBack)
        {
            return End(record, DeploymentPhase.RolledBack, now, $"It may not begin. {seen.Standing.Why}");
        }

        if (seen.Standing.Ruling != Ruling.Go && !Over(record, now))
        {
            return Holding.WaitToBegin(record, seen.Standing.Why!, now);
        }

        if (seen.Situation is not { } situation)
        {
            return Over(record, now)
                ? End(record, DeploymentPhase.RolledBack, now, $"It could not begin before its deadline{Why(seen.Refused)}.")
                : Await(record, now, LookAgain);
        }

        var planned = Planner.Of(record.Strategy, record.Policy, record.Route, situation);
        if (!planned.IsOk)
        {
            return End(record, DeploymentPhase.RolledBack, now, $"It cannot begin: {planned.Fault.Message}");
        }

        var (lanes, cells) = planned.Value;
        var replicas = Enumerable.Range(0, lanes.Count).Sum(lane => Weights.Replicas(lanes, cells, 0, lane, record.Policy.HeadroomPercent));
        var first = lanes.FirstOrDefault(lane => lane.Candidate is not null)?.Current;
        return ToProvisioning(
            record with { Lanes = lanes, Cells = cells, Team = situation.Team, Criticality = situation.Criticality },
            0,
            now,
            $"Starting {replicas} replicas of {record.Version} beside {(first is null ? "nothing: it is the first." : $"{first.Version}.")}",
            ("replicas", replicas),
            ("steps", cells.Count),
            ("pool", record.CandidatePool));
    }

    /// <summary>Enters a cell: its capacity first. Where the candidate was barred, it is tried again.</summary>
    public static Move.Go ToProvisioning(DeploymentRecord record, int cell, DateTimeOffset now, string message, params (string, object)[] data) => To(
        record with { Cell = cell, ReadyMost = 0, Held = null, Lanes = [.. record.Lanes.Select(lane => lane with { IsBarred = false })] },
        DeploymentPhase.Provisioning,
        TimeSpan.FromSeconds(record.Policy.ProvisionSeconds),
        now,
        message,
        data);

    public static Move Provision(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        if (seen.Refused is { } refused && WillNeverWork(refused))
        {
            return TurnBack(record, now, $"The candidate cannot be started: {refused.Message}");
        }

        if ((Holding.Gated(record, seen, now) ?? Stepping.Judged(record, seen, now)) is { } ended)
        {
            return ended;
        }

        var (ready, wanted) = (0, 0);
        for (var index = 0; index < record.Lanes.Count; index++)
        {
            var (lane, needed) = (record.Lanes[index], Needed(record, index));
            if (lane.Candidate is not { } candidate || needed == 0)
            {
                continue;
            }

            if ((Guarded(lane, seen) ?? Opened(seen, lane, needed)) is { } move)
            {
                return Late(record, seen, now) ?? (seen.Refused is null ? move : (Move)Retry(record, now));
            }

            var pool = seen.State(candidate)!;
            if (pool.Phase != PoolPhase.Active)
            {
                return TurnBack(record, now, "The candidate's pool was taken down by somebody else.");
            }

            if (Unhealthy(record.Policy, pool) is { } unhealthy)
            {
                return TurnBack(record, now, unhealthy, ("restarts", pool.Restarts));
            }

            (ready, wanted) = (ready + Math.Min(pool.Ready, needed), wanted + needed);
        }

        if (ready >= wanted)
        {
            var span = TimeSpan.FromSeconds(record.Policy.ConvergeSeconds);
            return Checked(record, seen, now)
                ?? To(record, DeploymentPhase.Shifting, span, now, $"All {wanted} replicas of {record.Version} are ready.", ("ready", ready));
        }

        return Late(record, seen, now, ready, wanted) ?? Progress(record, now, ready, wanted) ?? (Move)Await(record, now, LookAgain);
    }

    public static Move Shift(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        if (record.Held is null && (Holding.Gated(record, seen, now) ?? Stepping.Judged(record, seen, now)) is { } judged)
        {
            return judged;
        }

        var wanted = Weights.At(record.Lanes, record.Cells, record.Cell);
        if (seen.Shows(wanted, record.Fence))
        {
            return To(
                record with { TableVersion = seen.Table.Version },
                DeploymentPhase.Converging,
                TimeSpan.FromSeconds(record.Policy.ConvergeSeconds),
                now,
                $"{record.Weight:0.##} % of the traffic goes to {record.Version} in table version {seen.Table.Version}.",
                ("weight", record.Weight),
                ("tableVersion", seen.Table.Version));
        }

        if (Over(record, now))
        {
            return TurnBack(record, now, $"The table could not be published in {record.Policy.ConvergeSeconds} s{Why(seen.Refused)}.");
        }

        // Capacity first (I1, I2): replicas that were ready a moment ago and are not now must come back before they get traffic.
        return !IsCarried(record, seen) ? Await(record, now, LookAgain)
            : seen.Refused is null ? new Move.Publish(wanted)
            : Retry(record, now);
    }

    public static Move Converge(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        if (record.Held is null && Stepping.Broken(record, seen, now) is { } broken)
        {
            return broken;
        }

        if (seen.Behind is { Count: 0 })
        {
            return Stepping.Converged(record, now, $"Every live proxy has applied version {record.TableVersion}.");
        }

        if (!Over(record, now))
        {
            return Lagging.Tell(record, seen.Behind, record.TableVersion, now) ?? (Move)Await(record, now, LookAgain, record.TableVersion);
        }

        var (names, version) = (Names(seen.Behind ?? []), record.TableVersion);
        return record.Policy.WhenUnconverged == WhenUnconverged.GoOn
            ? Stepping.Converged(
                record, now, $"It goes on, as its policy says, without proxies that have not applied version {version}: {names}.", ("behind", names))
            : Lagging.WaitOn(record, seen.Behind ?? [], version, now)
                ?? TurnBack(record, now, $"Proxies have not applied version {version}: {names}.", ("behind", names));
    }

    /// <summary>How many ready replicas a lane's candidate needs in the cell that the deployment is in.</summary>
    public static int Needed(DeploymentRecord record, int lane) =>
        Weights.Replicas(record.Lanes, record.Cells, record.Cell, lane, record.Policy.HeadroomPercent);

    /// <summary>Every candidate has the replicas that its weight needs.</summary>
    public static bool IsCarried(DeploymentRecord record, Seen seen) =>
        Enumerable.Range(0, record.Lanes.Count).All(lane => seen.Ready(record.Lanes[lane].Candidate) >= Needed(record, lane));

    /// <summary>
    /// The current pool keeps what it has while its traffic leaves it: it is the way back. Its autoscaler would take it, so its floor is raised.
    /// </summary>
    private static Move.Ensure? Guarded(Lane lane, Seen seen) =>
        lane.Current is { } current && seen.State(current) is { Phase: PoolPhase.Active } state
            && state.Spec.Floor < Math.Min(state.Ready, current.Replicas)
            ? new Move.Ensure(current, Math.Max(state.Spec.Replicas, current.Replicas), current.Replicas)
            : null;

    /// <summary>The candidate opens at its share of the size that was seen, and grows with its weight; it never shrinks on the way.</summary>
    private static Move.Ensure? Opened(Seen seen, Lane lane, int needed)
    {
        var (candidate, state) = (lane.Candidate!, seen.State(lane.Candidate));
        var floor = lane.Current is null ? candidate.Floor : needed;
        return state is null || (state.Phase == PoolPhase.Active && (state.Spec.Replicas < needed || state.Spec.Floor < floor))
            ? new Move.Ensure(candidate, Math.Max(needed, state?.Spec.Replicas ?? 0), floor)
            : null;
    }

    /// <summary>
    /// Metrics that cannot be judged by are found before there is traffic: null when all is fine. One that can never be right turns it back; a source that is
    /// dark says nothing against the candidate, and keeps it where it is.
    /// </summary>
    private static Move? Checked(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        var check = seen.Check;
        (string, object)[] data = [("metric", check.Metric), ("check", Word.Of(check.Kind))];
        return check.Kind switch
        {
            CheckKind.Fine => null,
            CheckKind.Wrong => TurnBack(record, now, $"It cannot be judged. {check.Why}", data),
            CheckKind.Waiting when !Over(record, now) => Await(record, now, LookAgain),
            _ => Holding.Hold(
                record, HoldCause.Verdict, $"It cannot be judged yet, and has no traffic. {check.Why} It is looked at again when it is resumed.", now, data),
        };
    }

    private static Move.Go? Progress(DeploymentRecord record, DateTimeOffset now, int ready, int wanted) =>
        ready > record.ReadyMost && now - record.PhaseSince >= ProgressInterval * (record.ReadyMost + 1)
            ? Stay(record with { ReadyMost = ready }, now, $"{ready} of {wanted} replicas are ready.", ("ready", ready))
            : null;

    private static Move.Go? Late(DeploymentRecord record, Seen seen, DateTimeOffset now, int ready = 0, int wanted = 0)
    {
        if (!Over(record, now))
        {
            return null;
        }

        var pools = record.Moving.Select(lane => seen.State(lane.Candidate)).OfType<PoolState>().ToList();
        var reason = seen.Refused ?? pools.Select(pool => pool.Problem ?? Reason(pool)).FirstOrDefault(fault => fault is not null);
        return wanted == 0
            ? TurnBack(record, now, $"The candidate could not be started in {record.Policy.ProvisionSeconds} s{Why(reason)}.")
            : Patiently(TurnBack(
                record,
                now,
                $"{ready} of {wanted} replicas were ready after {record.Policy.ProvisionSeconds} s{Why(reason)}.",
                ("ready", ready),
                ("wanted", wanted)));
    }

    /// <summary>Why the pool can never be accepted; null when nothing speaks against it. Once it has traffic its crashes are for the judge to weigh.</summary>
    private static string? Unhealthy(Policy policy, PoolState pool) =>
        pool.Restarts > policy.MaxRestarts ? $"Replicas of the candidate have crashed {pool.Restarts} times, {policy.MaxRestarts} are forgiven."
            : pool.Problem is { } problem && WillNeverWork(problem) ? $"The candidate cannot run: {problem.Message}"
            : null;

    private static Fault? Reason(PoolState pool) =>
        pool.Replicas.FirstOrDefault(replica => replica.Reason is not null)?.Reason is { } reason ? Fault.Unavailable(reason) : null;
}
