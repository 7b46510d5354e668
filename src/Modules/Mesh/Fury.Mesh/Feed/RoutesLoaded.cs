using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Fury.Mesh.Feed;

/// <summary>Not ready before this host has loaded the routes: until then it would answer for no scope.</summary>
internal sealed class RoutesLoaded(RoutingFeed feed) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(feed.Revision >= 0
            ? HealthCheckResult.Healthy($"Routes of revision {feed.Revision} are loaded.")
            : HealthCheckResult.Unhealthy("The routes are not loaded yet."));
}
