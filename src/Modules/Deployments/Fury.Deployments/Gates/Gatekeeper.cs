using System.Globalization;
using Fury.Deployments.Approvals;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Freezes;
using Fury.Kernel;

namespace Fury.Deployments.Gates;

/// <summary>Puts what the rules say together.</summary>
internal sealed class Gatekeeper(RuleBook book, ApprovalStore approvals, TimeProvider clock) : IGates
{
    public event Action? Changed
    {
        add => book.Changed += value;
        remove => book.Changed -= value;
    }

    public async ValueTask<Fault?> Refusal(ScopeRef scope, VersionName version, Strategy strategy, CancellationToken cancellation)
    {
        var rules = await book.Current(cancellation);
        return rules.Veto(scope.Application, version) is { } veto
            ? Fault.Conflict($"{veto} Deploy or go back to another version, or lift the veto.").With("vetoedBy", veto.By)
            : strategy != Strategy.Rollback && rules.Pin(scope) is { } pin
                ? Fault.Conflict($"{pin} Only a rollback is admitted until the pin is lifted.").With("pinnedBy", pin.By)
                : null;
    }

    public async ValueTask<bool> IsVetoed(ApplicationName application, VersionName version, CancellationToken cancellation) =>
        (await book.Current(cancellation)).Veto(application, version) is not null;

    public async Task<GateStanding> Of(DeploymentRecord deployment, Subject subject, Checkpoint gate, CancellationToken cancellation)
    {
        var rules = await book.Current(cancellation);
        if (rules.Veto(deployment.Scope.Application, deployment.Version) is { } veto)
        {
            return new(Ruling.TurnBack, $"{veto}");
        }

        if (deployment.Strategy == Strategy.Rollback)
        {
            return GateStanding.Go;
        }

        if (gate == Checkpoint.Begin && rules.Pin(deployment.Scope) is { } pin)
        {
            return new(Ruling.TurnBack, $"{pin}");
        }

        var frozen = Of(rules.Standing(subject, clock.GetUtcNow()), gate);
        if (rules.Approvals.Of(subject.Criticality).At(gate) is not (> 0 and var needed))
        {
            return frozen;
        }

        var approved = Of(ApprovalRules.At(gate, needed, deployment.AskedBy, await approvals.List(deployment.Id, cancellation)), deployment.AskedBy);
        return (frozen.Ruling, approved.Ruling) switch
        {
            (Ruling.Go, _) => approved,
            (_, Ruling.Go) => frozen,
            _ => new((Ruling)Math.Max((int)frozen.Ruling, (int)approved.Ruling), $"{frozen.Why} {approved.Why}"),
        };
    }

    public async ValueTask<(string Why, DateTimeOffset At)?> NextFreeze(
        Subject subject, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellation) =>
        (await book.Current(cancellation)).NextFreeze(subject, from, until) is ({ } freeze, var at) ? (Why(freeze), at) : null;

    public static string Why(Freeze freeze) => freeze.Kind == FreezeKind.Deny
        ? $"Frozen by '{freeze.Name}' of {freeze.By}: {freeze.Reason}"
        : $"Outside of the window '{freeze.Name}' of {freeze.By}: {freeze.Reason}";

    private static GateStanding Of(Standing standing, Checkpoint gate)
    {
        if (standing.By is not { } freeze)
        {
            return GateStanding.Go;
        }

        // What has not begun has nothing to turn back from: it waits.
        var verdict = (gate, freeze.InFlight) switch
        {
            (Checkpoint.Begin, _) or (_, InFlight.Hold) => Ruling.Hold,
            (_, InFlight.FinishStep) => Ruling.FinishStep,
            _ => Ruling.TurnBack,
        };
        var until = standing.Until is { } end ? string.Create(CultureInfo.InvariantCulture, $"Until {end:u}.") : "No end is in sight.";
        return new(verdict, $"{Why(freeze)} {until}", standing.Until);
    }

    private static GateStanding Of(ApprovalStanding standing, string? askedBy) => standing switch
    {
        { RejectedBy: { } by } => new(Ruling.TurnBack, $"Rejected by {by}"),
        { IsGranted: true } => GateStanding.Go,
        _ => new(
            Ruling.Hold,
            $"Waits for approval: {standing.Given} of {standing.Needed} given{(askedBy is null ? "" : $", by others than {askedBy} who asked for it")}."),
    };
}
