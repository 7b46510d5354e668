using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Deployments.Campaigns;

/// <summary>
/// How a campaign goes on: campaign + what is seen + now → moves. Pure and level-triggered: it never asks what it did before, so it may be asked again after
/// any crash.
/// </summary>
internal static class CampaignRules
{
    /// <summary>How long a target may be refused for now, e.g. by another deployment of its scope, before that is a failure.</summary>
    public static readonly TimeSpan BeginWithin = TimeSpan.FromHours(24);

    /// <summary>The pause before a target that was refused for now is tried again.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    /// <summary>So many failures are named in a sentence, each with so many characters of its reason.</summary>
    private const int NamedMax = 10;
    private const int ReasonLengthMax = 200;

    public static IReadOnlyList<CampaignMove> Advance(Campaign campaign, CampaignSeen seen, DateTimeOffset now)
    {
        var looks = seen.Open.Select(one => (Before: one, After: Noted(one))).ToList();
        Target[] failed = [.. seen.Failed, .. looks.Select(look => look.After).Where(target => target.State == TargetState.Failed)];
        Target[] waiting = [.. looks.Select(look => look.After).Where(target => target.State == TargetState.Waiting)];
        TargetSeen[] flying = [.. looks.Where(look => look.After.State == TargetState.Running).Select(look => look.Before)];
        return
        [
            .. looks.Where(look => look.After != look.Before.Target).Select(look => new CampaignMove.Note(look.After)),
            .. campaign.State switch
            {
                CampaignState.Running => Forward(campaign, waiting, flying.Length, failed, now),
                CampaignState.Stopped => campaign.OnStop == OnStop.Abort ? TakeBack(campaign, flying) : [],
                CampaignState.Aborted => flying.Length == 0
                    ? [new CampaignMove.Turn(campaign with { EndedAt = now })]
                    : TakeBack(campaign, flying),
                _ => [],
            },
        ];
    }

    /// <summary>What came of the try to start a target's deployment.</summary>
    public static Target Tried(Target target, Outcome<Deployment> started, DateTimeOffset now)
    {
        if (started.IsOk)
        {
            return target with { State = TargetState.Running, Deployment = started.Value.Id, Reason = null };
        }

        var fault = started.Fault;
        var isForbidden = fault.Facts.ContainsKey("vetoedBy") || fault.Facts.ContainsKey("pinnedBy");
        var mayPass = fault.Facts.ContainsKey("deploymentId")
            || fault.Kind is FaultKind.Unavailable or FaultKind.Throttled or FaultKind.Exhausted or FaultKind.Stale;
        var since = target.Since ?? now;
        return isForbidden ? target with { State = TargetState.Skipped, Reason = fault.Message }
            : mayPass && now - since < BeginWithin ? target with { Reason = fault.Message, Since = since, TriedAt = now }
            : target with { State = TargetState.Failed, Reason = $"It could not begin: {fault.Message}" };
    }

    /// <summary>The sizes of all waves: those that were asked for, then as many as may be in flight at once.</summary>
    public static IReadOnlyList<int> Waves(IReadOnlyList<int> first, int maxConcurrent, int targets)
    {
        List<int> sizes = [];
        for (var left = targets; left > 0; left -= sizes[^1])
        {
            sizes.Add(Math.Min(left, sizes.Count < first.Count ? first[sizes.Count] : maxConcurrent));
        }

        return sizes;
    }

    public static Outcome<Campaign> Stop(Campaign campaign, string by, string reason) => campaign.State switch
    {
        CampaignState.Running => campaign with { State = CampaignState.Stopped, Why = $"Stopped by {by}: {reason}" },
        CampaignState.Stopped => campaign,
        _ => IsOver(campaign),
    };

    /// <param name="failed">So many have failed so far; they are forgiven.</param>
    public static Outcome<Campaign> Resume(Campaign campaign, int failed, string by, string reason) => campaign.State switch
    {
        CampaignState.Stopped => campaign with
        {
            State = CampaignState.Running,
            Allowed = failed + campaign.StopAfter,
            Why = $"Resumed by {by}: {reason}",
        },
        CampaignState.Running => campaign,
        _ => IsOver(campaign),
    };

    public static Outcome<Campaign> Abort(Campaign campaign, string by, string reason) => campaign.State switch
    {
        CampaignState.Running or CampaignState.Stopped => campaign with { State = CampaignState.Aborted, Why = $"Aborted by {by}: {reason}" },
        CampaignState.Aborted => campaign,
        _ => IsOver(campaign),
    };

    private static IEnumerable<CampaignMove> Forward(
        Campaign campaign, Target[] waiting, int flying, Target[] failed, DateTimeOffset now)
    {
        var waveHasEnded = waiting.Length + flying == 0;
        if (waveHasEnded && campaign.IsInLastWave)
        {
            var why = failed.Length == 0 ? "Every target has had its turn." : $"Every target has had its turn. Failed: {Names(failed)}.";
            return [new CampaignMove.Turn(campaign with { State = CampaignState.Done, Why = why, EndedAt = now })];
        }

        if (failed.Length >= campaign.Allowed)
        {
            var why = $"{failed.Length} services have failed, and the change stops at {campaign.Allowed}: {Names(failed)}.";
            return [new CampaignMove.Turn(campaign with { State = CampaignState.Stopped, Why = why })];
        }

        return waveHasEnded
            ? [new CampaignMove.Turn(campaign with { Wave = campaign.Wave + 1, Why = $"Wave {campaign.Wave + 2} of {campaign.Waves.Count}." })]
            : waiting
                .Where(target => target.TriedAt is not { } tried || now - tried >= RetryAfter)
                .Take(Math.Max(0, campaign.MaxConcurrent - flying))
                .Select(target => new CampaignMove.Begin(target));
    }

    private static IEnumerable<CampaignMove> TakeBack(Campaign campaign, IReadOnlyList<TargetSeen> flying) => flying
        .Where(one => one is { Deployment: not null, GoesBack: false })
        .Select(one => new CampaignMove.TakeBack(one.Deployment!.Value, $"campaign {campaign.Name} is {Word.Of(campaign.State)}."));

    /// <summary>The target as its deployment shows it.</summary>
    private static Target Noted(TargetSeen seen)
    {
        if (seen.Deployment is not { } deployment)
        {
            return seen.Target;
        }

        var known = seen.Target with { Deployment = deployment };
        return seen.Phase switch
        {
            DeploymentPhase.Done => known with { State = TargetState.Done, Reason = null },
            DeploymentPhase.RolledBack => known with { State = TargetState.Failed, Reason = seen.Reason },
            DeploymentPhase.Aborted => known with { State = TargetState.Skipped, Reason = seen.Reason },
            _ => known with { State = TargetState.Running, Reason = null },
        };
    }

    private static string Names(Target[] failed) =>
        string.Join("; ", failed.Take(NamedMax).Select(target => $"{target.Scope} ({Cut(target.Reason)})"))
        + (failed.Length > NamedMax ? $" and {failed.Length - NamedMax} more" : "");

    private static string Cut(string? reason) => reason is { Length: > ReasonLengthMax } ? $"{reason[..ReasonLengthMax]}…" : reason?.TrimEnd('.') ?? "";

    private static Fault IsOver(Campaign campaign) =>
        Fault.Conflict($"Campaign {campaign.Name} is {Word.Of(campaign.State)}, and stays so.").With("state", Word.Of(campaign.State));
}
