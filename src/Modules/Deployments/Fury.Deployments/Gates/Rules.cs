using Fury.Deployments.Approvals;
using Fury.Deployments.Freezes;
using Fury.Deployments.Pins;
using Fury.Deployments.Vetoes;
using Fury.Kernel;

namespace Fury.Deployments.Gates;

/// <summary>All rules at one revision. Replaced whole, never edited.</summary>
/// <param name="Revision">Grows by one with each change of a rule.</param>
/// <param name="Overrides">Those that have an effect or had one until a moment ago.</param>
internal sealed record Rules(
    long Revision,
    IReadOnlyList<Freeze> Freezes,
    IReadOnlyList<Override> Overrides,
    IReadOnlyDictionary<(ApplicationName Application, VersionName Version), Veto> Vetoes,
    IReadOnlyDictionary<ScopeRef, Pin> Pins,
    ApprovalPolicy Approvals)
{
    public Veto? Veto(ApplicationName application, VersionName version) => Vetoes.GetValueOrDefault((application, version));

    public Pin? Pin(ScopeRef scope) => Pins.GetValueOrDefault(scope);

    public Standing Standing(Subject subject, DateTimeOffset now) => FreezeRules.At(Freezes, Overrides, subject, now);

    public (Freeze Freeze, DateTimeOffset At)? NextFreeze(Subject subject, DateTimeOffset from, DateTimeOffset until) =>
        FreezeRules.NextFreeze(Freezes, Overrides, subject, from, until);
}
