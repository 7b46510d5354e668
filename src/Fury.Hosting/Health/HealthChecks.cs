using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Fury.Hosting;

/// <summary>What Hosting says about its health. All have the tag <c>ready</c>.</summary>
internal static class HealthChecks
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    public static void Add(IServiceCollection services) => services.AddHealthChecks()
        .AddCheck<DatabaseAnswers>("database", HealthStatus.Unhealthy, ["ready"], Deadline)
        .AddCheck<NothingParked>("outbox", HealthStatus.Degraded, ["ready"], Deadline)
        .AddCheck<ReconcilersPass>("reconcilers", HealthStatus.Degraded, ["ready"], Deadline);

    private sealed class DatabaseAnswers(IDatabase database) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
        {
            try
            {
                await using var connection = await database.Open(cancellationToken);
                await connection.ExecuteScalarAsync<int>(new CommandDefinition("select 1", cancellationToken: cancellationToken));
                return HealthCheckResult.Healthy();
            }
            catch (Exception failure)
            {
                return new(context.Registration.FailureStatus, "The database does not answer.", failure);
            }
        }
    }

    private sealed class NothingParked(OutboxStore outbox) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
        {
            var parked = await outbox.CountParked(cancellationToken);
            return parked == 0
                ? HealthCheckResult.Healthy()
                : new(context.Registration.FailureStatus, $"{parked} events are parked: see error in hosting.outbox; set parked_at to null to try again.");
        }
    }

    private sealed class ReconcilersPass(IReconcilePasses passes) : IHealthCheck
    {
        /// <summary>One failed pass is ordinary: the next is the retry.</summary>
        private const int FailuresInRowMax = 3;

        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
        {
            var failing = passes.Last.Where(pass => pass.FailuresInRow >= FailuresInRowMax).ToList();
            return Task.FromResult(failing.Count == 0
                ? HealthCheckResult.Healthy()
                : new(context.Registration.FailureStatus, string.Join(" ", failing.Select(pass => $"{pass.Name} fails: {pass.Error}"))));
        }
    }
}
