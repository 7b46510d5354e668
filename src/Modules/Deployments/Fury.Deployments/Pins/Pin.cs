using Fury.Kernel;

namespace Fury.Deployments.Pins;

/// <summary>A scope that stays at what it runs: only a rollback is admitted until the pin is lifted.</summary>
internal sealed record Pin(ScopeRef Scope, string Reason, string By, DateTimeOffset At)
{
    public override string ToString() => $"Scope {Scope} is pinned to what it runs by {By}: {Reason}";
}
