using Fury.Compute.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Judging;
using Fury.Deployments.Planning;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using static Fury.Deployments.Driving.Machine;

namespace Fury.Deployments.Driving;

/// <summary>The way forward of <see cref="Machine"/>, up to the moment the candidate is accepted.</summary>
internal static class Forward
{
    public static Move Begin(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        if (seen.Beginning is { } beginning)
        {
            var plan = Planner.Of(
                beginning.Release, record.CandidatePool, record.Policy, beginning.Current, beginning.CurrentReady, beginning.Floor);
            var current = beginning.Current is { } pool ? Planner.AsObserved(pool, beginning.CurrentReady) : null;
            return To(
                record with { Plan = plan, Current = current },
                DeploymentPhase.Provisioning,
                TimeSpan.FromSeconds(record.Policy.ProvisionSeconds),
                now,
                $"Starting {plan.Candidate.Replicas} replicas of {record.Version} beside "
                + (current is null ? "nothing: it is the first." : $"{current.Version}."),
                ("replicas", plan.Candidate.Replicas),
                ("pool", plan.Candidate.Id));
        }

        return Over(record, now)
            ? End(record, DeploymentPhase.RolledBack, now, $"It could not begin before its deadline{Why(seen.Refused)}.")
            : Await(record, now, LookAgain);
    }

    public static Move Provision(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        var wanted = record.Candidate.Replicas;
        if (seen.Refused is { } refused && Guards.WillNeverWork(refused))
        {
            return TurnBack(record, now, $"The candidate cannot be started: {refused.Message}");
        }

        if (seen.Candidate is not { } pool)
        {
            return Over(record, now)
                ? TurnBack(record, now, $"The candidate could not be started in {record.Policy.ProvisionSeconds} s{Why(seen.Refused)}.")
                : seen.Refused is null ? new Move.Ensure(record.Candidate) : Retry(record, now);
        }

        if (pool.Phase != PoolPhase.Active)
        {
            return TurnBack(record, now, "The candidate's pool was taken down by somebody else.");
        }

        if (Guards.Unhealthy(record.Policy, pool.Restarts, pool.Problem) is { } unhealthy)
        {
            return TurnBack(record, now, unhealthy, ("restarts", pool.Restarts));
        }

        if (pool.Ready >= wanted)
        {
            return To(
                record with { Baseline = seen.CandidateTraffic is { } traffic ? Counts.Of(traffic) : default, ReadyMost = pool.Ready },
                DeploymentPhase.Shifting,
                TimeSpan.FromSeconds(record.Policy.ConvergeSeconds),
                now,
                $"All {wanted} replicas of {record.Version} are ready.",
                ("ready", pool.Ready));
        }

        if (Over(record, now))
        {
            return TurnBack(
                record,
                now,
                $"{pool.Ready} of {wanted} replicas were ready after {record.Policy.ProvisionSeconds} s"
                + $"{Why(pool.Problem ?? Reason(pool))}.",
                ("ready", pool.Ready),
                ("wanted", wanted));
        }

        return pool.Ready > record.ReadyMost && now - record.PhaseSince >= ProgressInterval * (record.ReadyMost + 1)
            ? Stay(record with { ReadyMost = pool.Ready }, now, $"{pool.Ready} of {wanted} replicas are ready.", ("ready", pool.Ready))
            : Await(record, now, LookAgain);
    }

    public static Move Shift(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        var cell = record.Plan!.Cells[record.Cell];
        var wanted = Weights(record, cell.Weight);
        if (seen.Shows(wanted, record.Fence))
        {
            return To(
                record with { TableVersion = seen.Table.Version },
                DeploymentPhase.Converging,
                TimeSpan.FromSeconds(cell.ConvergeSeconds),
                now,
                $"{cell.Weight} % of the traffic goes to {record.Version} in table version {seen.Table.Version}.",
                ("weight", cell.Weight),
                ("tableVersion", seen.Table.Version));
        }

        if (Over(record, now))
        {
            return TurnBack(record, now, $"The table could not be published in {record.Policy.ConvergeSeconds} s{Why(seen.Refused)}.");
        }

        // Capacity first (I1, I2): replicas that were ready a moment ago and are not now must come back before they get traffic.
        return seen.CandidateReady < cell.Replicas ? Await(record, now, LookAgain)
            : seen.Refused is null ? new Move.Publish(wanted)
            : Retry(record, now);
    }

    public static Move Converge(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        var cell = record.Plan!.Cells[record.Cell];
        if (seen.CandidateReady == 0)
        {
            return TurnBack(record, now, "No replica of the candidate is ready any more.");
        }

        if (cell.JudgeSeconds > 0 && VerdictOf(record, seen, windowOver: false) is { Kind: GuardVerdictKind.Fail } verdict)
        {
            return TurnBack(record, now, verdict.Reason, Facts(verdict));
        }

        if (seen.Behind is { Count: 0 })
        {
            return Converged(record, cell, now, $"Every live proxy has applied version {record.TableVersion}.");
        }

        if (!Over(record, now))
        {
            return Holding.Tell(record, seen.Behind, record.TableVersion, now)
                ?? (Move)Await(record, now, cell.JudgeSeconds > 0 ? Tick : LookAgain, record.TableVersion);
        }

        var (names, version) = (Names(seen.Behind ?? []), record.TableVersion);
        return record.Policy.WhenUnconverged == WhenUnconverged.GoOn
            ? Converged(
                record, cell, now, $"It goes on, as its policy says, without proxies that have not applied version {version}: {names}.", ("behind", names))
            : Holding.WaitOn(record, seen.Behind ?? [], version, now)
                ?? TurnBack(record, now, $"Proxies have not applied version {version}: {names}.", ("behind", names));
    }

    public static Move Observe(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        var windowEnd = record.PhaseSince + TimeSpan.FromSeconds(record.Plan!.Cells[record.Cell].JudgeSeconds);
        var windowOver = now >= windowEnd;
        var verdict = VerdictOf(record, seen, windowOver);
        if (verdict.Kind == GuardVerdictKind.Fail)
        {
            return TurnBack(record, now, verdict.Reason, Facts(verdict));
        }

        if (!windowOver)
        {
            return new Move.Wait(now + Tick < windowEnd ? now + Tick : windowEnd);
        }

        return verdict.Kind switch
        {
            GuardVerdictKind.Pass => Accept(record, now, $"Passed: {verdict.Reason}", Facts(verdict)),
            // I7: recorded as what it is. The replicas are healthy, and that alone lets it go on.
            GuardVerdictKind.Insufficient => Accept(record, now, $"{verdict.Reason} Goes on because its replicas are healthy.", Facts(verdict)),
            _ => Over(record, now) ? TurnBack(record, now, verdict.Reason, Facts(verdict)) : Await(record, now, Tick),
        };
    }

    public static Move Bake(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        var verdict = VerdictOf(record, seen, windowOver: false);
        return verdict.Kind == GuardVerdictKind.Fail ? TurnBack(record, now, verdict.Reason, Facts(verdict))
            : Over(record, now) ? LettingGo.Begin(record, now, "Baked: no guard was broken.", Facts(verdict))
            : Await(record, now, LookAgain);
    }

    private static Move.Go Converged(DeploymentRecord record, Cell cell, DateTimeOffset now, string message, params (string, object)[] data)
    {
        data = [.. data, ("tableVersion", record.TableVersion)];
        return cell.JudgeSeconds == 0 ? Accept(record, now, message, data) : To(
            record,
            DeploymentPhase.Judging,
            TimeSpan.FromSeconds(cell.JudgeSeconds) + HealthGrace,
            now,
            $"{message} {record.Version} is judged for {cell.JudgeSeconds} s.",
            data);
    }

    private static Move.Go Accept(DeploymentRecord record, DateTimeOffset now, string message, params (string, object)[] data)
    {
        if (record.Cell + 1 < record.Plan!.Cells.Count)
        {
            var next = record with { Cell = record.Cell + 1 };
            return To(next, DeploymentPhase.Shifting, TimeSpan.FromSeconds(record.Policy.ConvergeSeconds), now, message, data);
        }

        return record.Policy.BakeSeconds > 0 && record.Current is not null
            ? To(record, DeploymentPhase.Baking, TimeSpan.FromSeconds(record.Policy.BakeSeconds), now, message, data)
            : LettingGo.Begin(record, now, message, data);
    }

    private static GuardVerdict VerdictOf(DeploymentRecord record, Seen seen, bool windowOver) => Guards.Of(
        record.Policy,
        new GuardEvidence(
            seen.CandidateTraffic is { } traffic ? Counts.Of(traffic).Since(record.Baseline) : default,
            seen.CandidateReady,
            record.Candidate.Replicas,
            seen.Candidate?.Restarts ?? 0,
            seen.Candidate?.Problem),
        windowOver);

    private static (string, object)[] Facts(GuardVerdict verdict) => [.. verdict.Data.Select(fact => (fact.Key, (object)fact.Value))];

    private static PoolWeight[] Weights(DeploymentRecord record, int weight) => record.Current is { } current
        ? [new(record.Candidate.Id, weight), new(current.Id, 100 - weight)]
        : [new(record.Candidate.Id, 100)];

    private static Fault? Reason(PoolState pool) =>
        pool.Replicas.FirstOrDefault(replica => replica.Reason is not null)?.Reason is { } reason ? Fault.Unavailable(reason) : null;
}
