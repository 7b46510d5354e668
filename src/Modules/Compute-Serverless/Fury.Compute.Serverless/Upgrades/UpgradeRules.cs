using Fury.Compute.Serverless.Clusters;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Compute.Serverless.Upgrades;

/// <summary>
/// How an upgrade goes on: upgrade + what its clusters look like + now → the upgrade as it is then, and what is to be done for it outside. Pure and
/// level-triggered: it never asks what it did before, so it may be asked again after any crash.
/// </summary>
internal static class UpgradeRules
{
    /// <summary>Something may be wrong with a cluster that soaks for so long without a break: pods start anew, leases go over.</summary>
    public static readonly TimeSpan TroubleMax = TimeSpan.FromMinutes(2);

    /// <summary>Whoever moves a cluster by hand has so long for it.</summary>
    public static readonly TimeSpan HandMax = TimeSpan.FromDays(7);

    /// <summary>So much more of the requests may fail than before, as a share.</summary>
    private const double FailedMoreMax = 0.01;

    /// <summary>So many clusters are named in a sentence.</summary>
    private const int NamedMax = 10;

    /// <summary>So many of the replicas that are to be there are ready, as a share.</summary>
    private const double ReadyShareMin = 0.9;

    /// <param name="looks">By cluster, of those that are worth a look: see <see cref="IsWorthALook"/>.</param>
    public static (Upgrade Next, IReadOnlyList<UpgradeOrder> Orders) Advance(
        Upgrade upgrade, IReadOnlyDictionary<string, ClusterLook> looks, DateTimeOffset now)
    {
        var next = Told(upgrade.Each(looks, (target, look) => Noted(upgrade, target, look, now)));
        next = Told((next.State == UpgradeState.Running ? UpgradeTurns.Begin(next, looks, now) : next).Each(looks, Kept));
        if (next.Targets.All(target => target.IsOver && (target.Hold || !target.Held)))
        {
            next = next.State switch
            {
                UpgradeState.Running => next with { State = UpgradeState.Done, Why = "Every cluster has had its turn.", EndedAt = now },
                UpgradeState.Aborted => next with { EndedAt = now },
                _ => next,
            };
        }

        return (next, [.. next.Targets.SelectMany(target => looks.TryGetValue(target.Cluster, out var look) ? Orders(target, look) : [])]);
    }

    /// <summary>It is under way, it may begin, or it is to be given back.</summary>
    public static bool IsWorthALook(Upgrade upgrade, Target target) =>
        target.IsMoving || target.State == UpgradeTargetState.Soaking || target.Held != target.Hold
        || (target.State == UpgradeTargetState.Waiting && target.Wave == upgrade.Wave && upgrade.State == UpgradeState.Running);

    /// <summary>What came of asking its provider to move it.</summary>
    public static Target Moved(Target target, Outcome<string> asked, DateTimeOffset now) => (target.State, asked) switch
    {
        (not UpgradeTargetState.Upgrading, _) => target,
        (_, { IsOk: true }) => target with { Ticket = asked.Value },

        // It is busy, or it has the version already, which the next look shows; the deadline ends it.
        (_, { Fault.Kind: FaultKind.Conflict or FaultKind.Unavailable or FaultKind.Throttled or FaultKind.Exhausted }) =>
            target with { Reason = asked.Fault.Message },
        _ => target.To(UpgradeTargetState.Failed, now, $"Its provider refuses: {asked.Fault.Message}") with { Hold = false },
    };

    /// <summary>Which wave it is, whether it stops, and how many there are of each.</summary>
    public static Upgrade Told(Upgrade upgrade)
    {
        var open = upgrade.Targets.Where(target => !target.IsOver).ToList();
        var failed = upgrade.Targets.Where(target => target.State == UpgradeTargetState.Failed).ToList();
        var next = upgrade with
        {
            Wave = open.Count == 0 ? Math.Max(0, upgrade.Waves - 1) : open.Min(target => target.Wave),
            Counts = upgrade.Targets.CountBy(target => target.State).ToDictionary(),
        };
        if (next.State != UpgradeState.Running)
        {
            return next;
        }

        var unproven = open.Where(target => target.Wave == next.Wave && target.Difference is not null).Select(target => target.Cluster).ToList();
        return failed.Count >= next.StopAfter
            ? next with
            {
                State = UpgradeState.Stopped,
                Why = $"{failed.Count} failed, and it stops at {next.StopAfter}: {Names(failed.Select(one => $"{one.Cluster} ({one.Reason?.TrimEnd('.')})"))}.",
            }
            : next with
            {
                Why = $"Wave {next.Wave + 1} of {next.Waves}."
                    + (unproven.Count == 0 ? "" : $" Of a shape that was not tried before: {Names(unproven)}."),
            };
    }

    /// <summary>The target as it looks now.</summary>
    private static Target Noted(Upgrade upgrade, Target target, ClusterLook look, DateTimeOffset now) => target.State switch
    {
        _ when look.Phase is null => (target.IsOver ? target : target.To(UpgradeTargetState.Skipped, now, "It is not registered any more.")) with
        {
            Hold = false,
            Held = false,
        },
        UpgradeTargetState.Emptying => Emptying(upgrade, target, look, now),
        UpgradeTargetState.Upgrading => Upgrading(upgrade, target, look, now),
        UpgradeTargetState.Soaking => Soaking(upgrade, target, look, now),
        _ => target,
    };

    private static Target Emptying(Upgrade upgrade, Target target, ClusterLook look, DateTimeOffset now) =>
        upgrade.State != UpgradeState.Running ? UpgradeCommands.Back(upgrade, target, now)
        : look is { Pools: 0, Phase: not ClusterPhase.Active } ? target.To(UpgradeTargetState.Upgrading, now)
        : now - target.Since >= upgrade.Deadline ? (target with { Hold = false }).To(
            UpgradeTargetState.Failed,
            now,
            $"It could not be emptied in {Words(upgrade.Deadline)}: {Pools(look)} still there, with no place elsewhere.")
        : target with { Reason = $"It is being emptied: {Pools(look)} still there." };

    private static Target Upgrading(Upgrade upgrade, Target target, ClusterLook look, DateTimeOffset now)
    {
        var deadline = target.IsManaged ? upgrade.Deadline : HandMax;
        return look.Move is { State: ClusterUpgradeState.Failed } failed ? target.To(UpgradeTargetState.Failed, now, $"Its cloud could not: {failed.Reason}")
            : look.Move is not { State: ClusterUpgradeState.Running } && look.Version?.CompareTo(upgrade.Version) >= 0
                ? target.To(UpgradeTargetState.Soaking, now) with { Hold = false, Ticket = null }
            : now - target.Since >= deadline ? target.To(
                UpgradeTargetState.Failed, now, $"Its control plane has not come to {upgrade.Version} in {Words(deadline)}: {At(look)}.")
            : target.IsManaged ? target with { Reason = target.Ticket is null ? target.Reason : $"Its cloud moves it: {At(look)}." }
            : target with { Reason = $"It is its turn: bring its control plane to {upgrade.Version} by your own means. {At(look)}." };
    }

    private static Target Soaking(Upgrade upgrade, Target target, ClusterLook look, DateTimeOffset now)
    {
        var until = target.Since!.Value + upgrade.Soak;
        return Trouble(target, look) is not { } trouble
            ? now >= until
                ? target.To(UpgradeTargetState.Done, now)
                : target with { TroubleSince = null, Reason = $"Watched until {until.UtcDateTime:yyyy-MM-dd HH:mm} UTC." }
            : now - (target.TroubleSince ?? now) >= TroubleMax ? target.To(UpgradeTargetState.Failed, now, trouble) with { Hold = true }
            : target with { TroubleSince = target.TroubleSince ?? now, Reason = trouble };
    }

    /// <summary>What is wrong with it, in one sentence; null when nothing is.</summary>
    private static string? Trouble(Target target, ClusterLook look) =>
        look.Health != HealthPhase.Healthy ? look.Why
        : look.FailedShare > (target.FailedBefore ?? 0) + FailedMoreMax
            ? $"{look.FailedShare:P1} of the requests to its replicas fail, {target.FailedBefore ?? 0:P1} before."
        : look.Ready < look.Wanted * ReadyShareMin ? $"{look.Ready} of {look.Wanted} replicas are ready there."
        : null;

    /// <summary>Whether it was set to drain is noted before it is, so that nobody forgets to give it back.</summary>
    private static Target Kept(Target target, ClusterLook look) => (target.Hold, target.Held, look.Phase) switch
    {
        (true, false, ClusterPhase.Active) => target with { Held = true },
        (false, true, not ClusterPhase.Draining) => target with { Held = false },
        _ => target,
    };

    private static IEnumerable<UpgradeOrder> Orders(Target target, ClusterLook look)
    {
        if (target.Hold && look.Phase == ClusterPhase.Active)
        {
            yield return new UpgradeOrder.Drain(target.Cluster);
        }
        else if (!target.Hold && target.Held && look.Phase == ClusterPhase.Draining)
        {
            yield return new UpgradeOrder.Fill(target.Cluster);
        }

        if (target is { State: UpgradeTargetState.Upgrading, IsManaged: true, Ticket: null })
        {
            yield return new UpgradeOrder.Move(target);
        }
    }

    private static string Names(IEnumerable<string> clusters) => string.Join("; ", clusters.Take(NamedMax));

    private static string Pools(ClusterLook look) => look.Pools == 1 ? "1 pool is" : $"{look.Pools} pools are";

    private static string At(ClusterLook look) => look.Version is { } version ? $"It is at {version}" : "It does not say what it runs";

    private static string Words(TimeSpan time) => time.TotalHours >= 1 ? $"{time.TotalHours:0.#} h" : $"{time.TotalMinutes:0.#} min";

    private static Upgrade Each(this Upgrade upgrade, IReadOnlyDictionary<string, ClusterLook> looks, Func<Target, ClusterLook, Target> change) =>
        upgrade with { Targets = [.. upgrade.Targets.Select(target => looks.TryGetValue(target.Cluster, out var look) ? change(target, look) : target)] };
}
