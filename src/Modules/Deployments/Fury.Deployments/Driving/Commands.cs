using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Kernel;

namespace Fury.Deployments.Driving;

/// <summary>Command + record → the next state, or why not. Pure. A null move: it is so already.</summary>
internal static class Commands
{
    public static Outcome<Move.Go?> Of(Command command, DeploymentRecord record, string reason, DateTimeOffset now)
    {
        if (record.Ended)
        {
            return Fault.Conflict($"The deployment has ended: {Word.Of(record.Phase)}.").With("phase", Word.Of(record.Phase));
        }

        if (command == Command.Abort)
        {
            return Abort(record, reason, now);
        }

        if (record.Back is not null)
        {
            return Fault.Conflict("The deployment is on its way back, which nothing stops.").With("phase", Word.Of(record.Phase));
        }

        var (phase, last) = (record.Phase, record.Cells.Count - 1);
        var isStepping = phase is DeploymentPhase.Provisioning or DeploymentPhase.Shifting or DeploymentPhase.Converging or DeploymentPhase.Judging;
        var isFinal = record.Held?.Cause == HoldCause.Finalise && phase == DeploymentPhase.Held;
        var isHeldOnItsWay = phase == DeploymentPhase.Held && !isFinal;
        return (command, phase) switch
        {
            (Command.Hold, DeploymentPhase.Held) => (Move.Go?)null,
            (Command.Hold, _) when isStepping || phase == DeploymentPhase.Baking => Holding.Hold(record, HoldCause.Operator, reason, now),
            (Command.Resume, _) when isHeldOnItsWay => Holding.Resume(Weighed(record), now, $"Resumed: {reason}"),
            (Command.Resume, _) when isStepping => (Move.Go?)null,
            (Command.Promote, DeploymentPhase.Judging) => Stepping.Accept(record, now, $"Promoted: {reason}"),
            (Command.Promote, _) when isHeldOnItsWay && record.Held!.From == DeploymentPhase.Judging && !IsBarred(record) =>
                Stepping.Accept(Weighed(record), now, $"Promoted: {reason}"),
            (Command.PromoteFull, _) when isStepping && record.Cell == last => (Move.Go?)null,
            (Command.PromoteFull, _) when isStepping || isHeldOnItsWay =>
                Forward.ToProvisioning(Weighed(record), last, now, $"Promoted to the last step: {reason}"),
            (Command.RetryStep, _) when isStepping || isHeldOnItsWay =>
                Forward.ToProvisioning(Anew(record), record.Cell, now, $"The step begins again: {reason}"),
            (Command.RetryAll, _) when isStepping || isHeldOnItsWay => Forward.ToProvisioning(Anew(record), 0, now, $"All steps begin again: {reason}"),
            (Command.Finalise, _) when isFinal => LettingGo.Begin(record with { Held = null }, now, $"Finalised: {reason}"),
            _ => Fault.Conflict($"A deployment that is {Word.Of(phase)} cannot {Word.Of(command)}.{Hint(command, record)}").With("phase", Word.Of(phase)),
        };
    }

    /// <summary>Null when it is on its way back already.</summary>
    public static Move.Go? Abort(DeploymentRecord record, string reason, DateTimeOffset now) =>
        record.Ended || record.Back is not null ? null : Returning.Turn(record, new WayBack(Asked: true, reason), now);

    /// <summary>What somebody who goes on has weighed is not held against it again: of a deployment that a verdict has held, the judge begins anew.</summary>
    public static DeploymentRecord Weighed(DeploymentRecord record) => record.Held?.Cause == HoldCause.Verdict ? Anew(record) : record;

    private static DeploymentRecord Anew(DeploymentRecord record) => record with { Attempt = record.Attempt + 1 };

    private static bool IsBarred(DeploymentRecord record) => record.Lanes.Any(lane => lane.IsBarred);

    private static string Hint(Command command, DeploymentRecord record) => command switch
    {
        Command.Promote when IsBarred(record) =>
            " It has failed at some of its locations: resume tries them again, abort takes all back.",
        Command.Finalise => " Only a migration that is complete can.",
        Command.Resume or Command.RetryStep or Command.RetryAll when record.Held?.Cause == HoldCause.Finalise =>
            " It is complete: finalise ends it, abort takes it back.",
        _ => "",
    };
}
