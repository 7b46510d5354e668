using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Deployments.Gates;
using Fury.Kernel;

namespace Fury.Deployments.Tests;

/// <summary>Nothing is frozen, vetoed or pinned, and nothing needs an approval.</summary>
internal sealed class NoGates : IGates
{
    public event Action? Changed
    {
        add { }
        remove { }
    }

    public ValueTask<Fault?> Refusal(ScopeRef scope, VersionName version, Strategy strategy, CancellationToken cancellation) => default;

    public ValueTask<bool> IsVetoed(ApplicationName application, VersionName version, CancellationToken cancellation) => default;

    public Task<GateStanding> Of(DeploymentRecord deployment, Subject subject, Checkpoint gate, CancellationToken cancellation) =>
        Task.FromResult(GateStanding.Go);

    public ValueTask<(string Why, DateTimeOffset At)?> NextFreeze(
        Subject subject, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellation) => default;
}
