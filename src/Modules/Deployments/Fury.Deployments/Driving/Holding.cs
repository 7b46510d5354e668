using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Gates;
using Fury.Kernel;
using static Fury.Deployments.Driving.Machine;

namespace Fury.Deployments.Driving;

/// <summary>The part of <see cref="Machine"/> that keeps the weights as they are, while the judge keeps watching.</summary>
internal static class Holding
{
    public static Move.Go Hold(
        DeploymentRecord record, HoldCause cause, string why, DateTimeOffset now, params (string, object)[] data) => To(
        record with { Held = new(cause, why, now, record.Held?.From ?? record.Phase) },
        DeploymentPhase.Held,
        TimeSpan.FromSeconds(record.Policy.HoldSeconds),
        now,
        $"Held: {why}",
        [.. data, ("cause", Word.Of(cause))]);

    public static Move Watch(DeploymentRecord record, Seen seen, DateTimeOffset now)
    {
        var held = record.Held!;
        var mayGoBack = record.Policy.OnFail == OnFail.Rollback && record.Now.OnFail == OnFail.Rollback;
        var broken = held.From >= DeploymentPhase.Converging ? Stepping.Broken(record, seen, now) : Stepping.Judged(record, seen, now);
        if (mayGoBack && broken is not null)
        {
            return broken;
        }

        if (seen.Standing.Ruling == Ruling.TurnBack && mayGoBack)
        {
            return TurnBack(record, now, seen.Standing.Why!);
        }

        if (held.Cause == HoldCause.Freeze && seen.Standing.Ruling == Ruling.Go)
        {
            return Resume(record, now, $"It goes on. It was held: {held.Why}");
        }

        return !Over(record, now) ? Await(record, now, LookAgainSlowly)
            : held.Cause == HoldCause.Finalise || !mayGoBack ? Remind(record, now)
            : TurnBack(record, now, $"It was held for {record.Policy.HoldSeconds} s and nobody has said what to do. {held.Why}");
    }

    /// <summary>What freezes and the like have to say of a deployment on its way forward; null when it may go on.</summary>
    public static Move.Go? Gated(DeploymentRecord record, Seen seen, DateTimeOffset now) => seen.Standing.Ruling switch
    {
        Ruling.TurnBack when record.Policy.OnFail == OnFail.Rollback => TurnBack(record, now, seen.Standing.Why!),
        Ruling.TurnBack or Ruling.Hold => Hold(record, HoldCause.Freeze, seen.Standing.Why!, now),
        // The step that it is in is ended; the next one is not begun.
        Ruling.FinishStep when record.Phase == DeploymentPhase.Provisioning => Hold(record, HoldCause.Freeze, seen.Standing.Why!, now),
        _ => null,
    };

    /// <summary>Says what it waits for, once, and waits for a day at most.</summary>
    public static Move WaitToBegin(DeploymentRecord record, string why, DateTimeOffset now) =>
        record.Held?.Why == why ? Await(record, now, LookAgainSlowly) : Stay(
            record with { Held = new(HoldCause.Freeze, why, now, record.Phase), Deadline = record.Held is null ? now + TurnDeadline : record.Deadline },
            now,
            $"It waits to begin: {why}");

    /// <summary>Goes on where it was: its capacity first, so that whatever has changed meanwhile is made good.</summary>
    public static Move.Go Resume(DeploymentRecord record, DateTimeOffset now, string message) => record.Held!.From == DeploymentPhase.Baking
        ? To(record with { Held = null }, DeploymentPhase.Baking, TimeSpan.FromSeconds(record.Policy.BakeSeconds), now, message)
        : Forward.ToProvisioning(record, record.Cell, now, message);

    /// <summary>There is no default that would be right: it stays, and says so again.</summary>
    private static Move.Go Remind(DeploymentRecord record, DateTimeOffset now) => Stay(
        record with { Deadline = now + TimeSpan.FromSeconds(record.Policy.HoldSeconds) },
        now,
        $"Still held since {record.Held!.Since:u}: {record.Held.Why}",
        ("cause", Word.Of(record.Held.Cause)));
}
