using System.Security.Cryptography;
using System.Text;
using Fury.Catalog.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Gates;
using Fury.Deployments.Sources;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Deployments.Campaigns;

/// <summary>Where campaigns are asked for: checks every target before the first one begins.</summary>
internal sealed class CampaignDesk(
    ICatalog catalog, DeploymentDesk deployments, CampaignStore store, MetricSources sources, IWake wake, TimeProvider clock)
{
    private const int ChecksAtOnceMax = 8;

    /// <summary>So many bad targets are named in one answer.</summary>
    private const int BadMax = 20;

    /// <summary>The same request again returns the campaign that is there.</summary>
    public async Task<Outcome<Written<CampaignView>>> Start(CampaignRequest request, CancellationToken cancellation)
    {
        var read = request.Read(sources.Kinds, clock.GetUtcNow());
        if (!read.IsOk)
        {
            return read.Fault;
        }

        var campaign = read.Value.Campaign;
        var ordered = await Ordered(campaign, read.Value.Targets, cancellation);
        if (!ordered.IsOk)
        {
            return ordered.Fault;
        }

        var written = await store.Add(campaign, ordered.Value, Hash(request), cancellation);
        if (!written.IsOk)
        {
            return written.Fault;
        }

        wake.Reconciler(CampaignDriver.ReconcilerName);
        return (await Find(written.Value.Value.Id, cancellation)).Then<Written<CampaignView>>(view =>
            new Written<CampaignView>(view, IsNew: written.Value.IsNew));
    }

    public async Task<Outcome<CampaignView>> Find(Guid campaign, CancellationToken cancellation) =>
        (await store.Find(campaign, cancellation)).Then<CampaignView>(found => CampaignView.Of(found.Campaign, found.Targets));

    /// <summary>Newest first, without their targets.</summary>
    public async Task<IReadOnlyList<CampaignView>> List(Guid? before, int limit, CancellationToken cancellation) =>
    [
        .. (await store.List(before, limit, cancellation)).Select(one =>
            CampaignView.Of(one.Campaign, TargetCounts.Of(state => one.Counts[state].SingleOrDefault()))),
    ];

    /// <summary>What is so already changes nothing; what its state does not allow is a conflict with the fact <c>state</c>.</summary>
    public async Task<Outcome<CampaignView>> Ask(Guid campaign, CampaignCommand command, string by, string reason, CancellationToken cancellation)
    {
        var changed = await store.Change(
            campaign,
            (present, failed) => command switch
            {
                CampaignCommand.Stop => CampaignRules.Stop(present, by, reason),
                CampaignCommand.Resume => CampaignRules.Resume(present, failed, by, reason),
                _ => CampaignRules.Abort(present, by, reason),
            },
            cancellation);
        if (!changed.IsOk)
        {
            return changed.Fault;
        }

        wake.Reconciler(CampaignDriver.ReconcilerName);
        return await Find(campaign, cancellation);
    }

    /// <summary>The targets in the order of their turns, each in its wave. A target that could not begin is a bad field of the request.</summary>
    private async Task<Outcome<IReadOnlyList<Target>>> Ordered(Campaign campaign, IReadOnlyList<Target> given, CancellationToken cancellation)
    {
        var checks = new Outcome<Criticality>[given.Count];
        var limits = new ParallelOptions { MaxDegreeOfParallelism = ChecksAtOnceMax, CancellationToken = cancellation };
        await Parallel.ForAsync(0, given.Count, limits, async (place, token) => checks[place] = await Check(campaign, given[place], token));

        if (checks.FirstOrDefault(check => check.Fault is { Kind: not FaultKind.Invalid }).Fault is { } unread)
        {
            return unread;
        }

        FieldFault[] bad = [.. checks.SelectMany(check => check.Fault?.Fields ?? []).Take(BadMax)];
        if (bad.Length > 0)
        {
            return Fault.Invalid(bad);
        }

        var waveOf = campaign.Waves.SelectMany((size, wave) => Enumerable.Repeat(wave, size)).ToArray();
        return given
            .OrderBy(target => checks[target.Place].Value)
            .Select((target, place) => target with { Place = place, Wave = waveOf[place] })
            .ToArray();
    }

    /// <summary>How critical the target's scope is.</summary>
    private async Task<Outcome<Criticality>> Check(Campaign campaign, Target target, CancellationToken cancellation)
    {
        var (place, name) = ($"targets[{target.Place}]", $"{target.Scope}");
        var scope = await catalog.FindScope(target.Scope, cancellation);
        if (!scope.IsOk)
        {
            return scope.Fault.Kind == FaultKind.NotFound ? Fault.Invalid($"{place}.scope", name, "a scope that the catalog has") : scope.Fault;
        }

        var wish = await deployments.Check(target.Scope, campaign.RequestOf(target), null, cancellation);
        return wish switch
        {
            { IsOk: true } => scope.Value.Criticality,
            { Fault.Kind: FaultKind.NotFound } => Fault.Invalid($"{place}.version", target.Version, $"a version that {target.Scope.Application} has"),
            { Fault.Kind: FaultKind.Conflict } => Fault.Invalid($"{place}.version", target.Version, $"given: {name} runs nothing yet"),
            _ => wish.Fault,
        };
    }

    private static string Hash(CampaignRequest request) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Json.Write(request))));
}

/// <summary>What people may ask of a campaign.</summary>
internal enum CampaignCommand
{
    /// <summary>Nothing more begins.</summary>
    Stop,

    /// <summary>It goes on; the failures so far are forgiven.</summary>
    Resume,

    /// <summary>Nothing more begins, ever, and what is in flight is aborted.</summary>
    Abort,
}
