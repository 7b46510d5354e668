using Fury.Kernel;

namespace Fury.Compute.Serverless.Upgrades;

/// <summary>What people may ask of an upgrade, or of one of its clusters.</summary>
internal enum UpgradeCommand
{
    /// <summary>Nothing more begins; what is being emptied takes work again.</summary>
    Stop,

    /// <summary>It goes on, and what has failed is tried again.</summary>
    Resume,

    /// <summary>Nothing more begins, ever.</summary>
    Abort,
}

internal enum TargetCommand
{
    /// <summary>It may be upgraded although its shape is not proven.</summary>
    Approve,

    /// <summary>It is left out.</summary>
    Skip,
}

/// <summary>
/// What comes of what people ask. What is so already changes nothing; what the state does not allow is a conflict with the fact <c>state</c>. Pure.
/// </summary>
internal static class UpgradeCommands
{
    public static Outcome<Upgrade> Do(Upgrade upgrade, UpgradeCommand command, string by, string reason, DateTimeOffset now) =>
        (upgrade.State, command) switch
        {
            (UpgradeState.Done or UpgradeState.Aborted, not UpgradeCommand.Abort) or (UpgradeState.Done, _) => Fault.Conflict(
                $"Upgrade {upgrade.Name} is {Word.Of(upgrade.State)}, and stays so.").With("state", Word.Of(upgrade.State)),
            (UpgradeState.Running, UpgradeCommand.Stop) => upgrade with { State = UpgradeState.Stopped, Why = $"Stopped by {by}: {reason}" },
            (UpgradeState.Stopped, UpgradeCommand.Resume) => upgrade with
            {
                State = UpgradeState.Running,
                Why = $"Resumed by {by}: {reason}",
                Targets = [.. upgrade.Targets.Select(target => target.State == UpgradeTargetState.Failed ? Again(target) : target)],
            },
            (UpgradeState.Running or UpgradeState.Stopped, UpgradeCommand.Abort) => upgrade with
            {
                State = UpgradeState.Aborted,
                Why = $"Aborted by {by}: {reason}",
                Targets = [.. upgrade.Targets.Select(target => HadNoTurn(target) ? NoTurn(target, now) : target)],
            },
            _ => upgrade,
        };

    public static Outcome<Upgrade> Do(Upgrade upgrade, string cluster, TargetCommand command, string by, string reason, DateTimeOffset now)
    {
        if (upgrade.Targets.FirstOrDefault(target => target.Cluster == cluster) is not { } target)
        {
            return Fault.NotFound("cluster of the upgrade", cluster);
        }

        var done = command == TargetCommand.Approve ? Approve(upgrade, target, by) : Skip(target, by, reason, now);
        return done.Then<Upgrade>(next => upgrade with { Targets = [.. upgrade.Targets.Select(one => one.Cluster == cluster ? next : one)] });
    }

    /// <summary>A target that is being emptied, of an upgrade that goes no further: it takes work again.</summary>
    public static Target Back(Upgrade upgrade, Target target, DateTimeOffset now) => upgrade.State == UpgradeState.Stopped
        ? target with { State = UpgradeTargetState.Waiting, Since = null, Hold = false, Reason = "It waits until the upgrade is resumed." }
        : NoTurn(target, now);

    private static Outcome<Target> Approve(Upgrade upgrade, Target target, string by) =>
        target.State != UpgradeTargetState.Waiting ? IsPast(target)
        : string.Equals(by, upgrade.By, StringComparison.OrdinalIgnoreCase)
            ? new Fault(FaultKind.Forbidden, $"{by} has begun the upgrade: somebody else approves what nobody has tried.")
        : target with { ApprovedBy = target.ApprovedBy ?? by };

    private static Outcome<Target> Skip(Target target, string by, string reason, DateTimeOffset now) => target.State switch
    {
        UpgradeTargetState.Skipped => target,
        UpgradeTargetState.Waiting or UpgradeTargetState.Emptying or UpgradeTargetState.Failed =>
            target.To(UpgradeTargetState.Skipped, now, $"Left out by {by}: {reason}") with { Hold = false },
        _ => IsPast(target),
    };

    private static Target Again(Target target) =>
        target with { State = UpgradeTargetState.Waiting, Since = null, TroubleSince = null, Ticket = null, Hold = false, Reason = "It is tried again." };

    private static bool HadNoTurn(Target target) => target.State is UpgradeTargetState.Waiting or UpgradeTargetState.Emptying;

    private static Target NoTurn(Target target, DateTimeOffset now) =>
        target.To(UpgradeTargetState.Skipped, now, "The upgrade was aborted before its turn.") with { Hold = false };

    private static Fault IsPast(Target target) =>
        Fault.Conflict($"Cluster {target.Cluster} is {Word.Of(target.State)}.").With("state", Word.Of(target.State));
}
