using Fury.Kernel;

namespace Fury.Deployments.Vetoes;

/// <summary>A version that must not run: it is refused on every scope of its application, also as a rollback, until the veto is lifted.</summary>
internal sealed record Veto(ApplicationName Application, VersionName Version, string Reason, string By, DateTimeOffset At)
{
    public override string ToString() => $"Version {Version} of {Application} is vetoed by {By}: {Reason}";
}
