using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Fury.LittleMonster;

/// <summary>Not ready before this host has joined the others: until then it runs no saga.</summary>
internal sealed class IsMember(MonsterHost host) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(host.Engine is null
            ? HealthCheckResult.Unhealthy("This host has not joined Little Monster yet.")
            : HealthCheckResult.Healthy());
}
