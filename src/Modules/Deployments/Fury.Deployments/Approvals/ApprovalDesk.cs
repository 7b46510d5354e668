using Fury.Catalog.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Driving;
using Fury.Deployments.Gates;
using Fury.Hosting;
using Fury.Kernel;

namespace Fury.Deployments.Approvals;

/// <summary>What a deployment needs and has.</summary>
internal sealed record ApprovalsView(ApprovalStanding ToBegin, ApprovalStanding ToFinalise, IReadOnlyList<Approval> Said);

/// <summary>Where persons approve deployments, or reject them.</summary>
internal sealed class ApprovalDesk(
    IDatabase database, IDeploymentStore store, Appends appends, ApprovalStore approvals, RuleBook book, ICatalog catalog, IWake wake, TimeProvider clock)
{
    /// <summary>The driver writes too; whoever comes second reads again.</summary>
    private const int AttemptsMax = 20;

    public async Task<Outcome<ApprovalsView>> Find(DeploymentId id, CancellationToken cancellation)
    {
        if (await store.Find(id, cancellation) is not { } record)
        {
            return Fault.NotFound("deployment", id);
        }

        var needed = await Needed(record, cancellation);
        var said = await approvals.List(id, cancellation);
        return needed.Then<ApprovalsView>(need => new ApprovalsView(
            ApprovalRules.At(Checkpoint.Begin, need.ToBegin, record.AskedBy, said),
            ApprovalRules.At(Checkpoint.Finalise, need.ToFinalise, record.AskedBy, said),
            said));
    }

    /// <summary>
    /// Puts on record what a person says of the deployment, and tells it: a rejection aborts it. To approve what one has asked for oneself is
    /// <see cref="FaultKind.Forbidden"/>; a deployment that needs no approval now, goes back or has ended is a <see cref="FaultKind.Conflict"/>. The same
    /// again by the same person changes nothing.
    /// </summary>
    public async Task<Outcome<ApprovalsView>> Say(DeploymentId id, string by, bool approves, string? comment, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            if (await store.Find(id, cancellation) is not { } record)
            {
                return Fault.NotFound("deployment", id);
            }

            var checkpoint = record.Phase == DeploymentPhase.Admitted ? Checkpoint.Begin : Checkpoint.Finalise;
            var said = new Approval(checkpoint, by, approves, comment, clock.GetUtcNow());
            var needed = await Needed(record, cancellation);
            if (!needed.IsOk || Refusal(record, said, needed.Value) is not null)
            {
                return needed.Fault ?? Refusal(record, said, needed.Value)!;
            }

            if ((await Write(record, said, cancellation)).IsOk)
            {
                wake.Reconciler(Drivers.ReconcilerName);
                return await Find(id, cancellation);
            }
        }

        return Fault.Unavailable("The deployment moves too fast just now; ask again.");
    }

    /// <summary>The word and its event in one transaction; <see cref="FaultKind.Stale"/> when the deployment has moved on meanwhile.</summary>
    private Task<Outcome<DeploymentRecord>> Write(DeploymentRecord record, Approval said, CancellationToken cancellation) =>
        database.Transaction(
            async transaction =>
            {
                if (!await ApprovalStore.Put(transaction, record.Id, said, cancellation))
                {
                    return record;
                }

                var who = $"by {said.By}{(said.Comment is null ? "." : $": {said.Comment}")}";
                var move = said.Approves
                    ? Machine.Stay(record, said.At, $"Approved {who}", ("by", said.By), ("gate", Word.Of(said.Gate)))
                    : Commands.Abort(record, $"rejected {who}", said.At)!;
                return await appends.Append(transaction, record, move, cancellation);
            },
            cancellation);

    private async Task<Outcome<Needed>> Needed(DeploymentRecord record, CancellationToken cancellation)
    {
        if (record.Strategy == Strategy.Rollback)
        {
            return default(Needed);
        }

        var rules = await book.Current(cancellation);
        return (await catalog.FindScope(record.Scope, cancellation)).Then<Needed>(scope => rules.Approvals.Of(scope.Criticality));
    }

    private static Fault? Refusal(DeploymentRecord record, Approval said, Needed needed) =>
        record.Ended ? Fault.Conflict($"The deployment has ended: {Word.Of(record.Phase)}.").With("phase", Word.Of(record.Phase))
        : record.Back is not null ? Fault.Conflict("The deployment goes back, which needs no approval.").With("phase", Word.Of(record.Phase))
        : needed.At(said.Gate) == 0 ? Fault.Conflict($"The deployment needs no approval to {Word.Of(said.Gate)}. To stop it, abort it.")
        : said.Approves && Reading.IsSame(said.By, record.AskedBy)
            ? new Fault(FaultKind.Forbidden, $"{record.AskedBy} has asked for this deployment; another person must approve it.")
        : null;
}
