using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fury.Hosting;

/// <summary>
/// Delivers the outbox's events to the listeners of this host, on one host of all at a time. An event is delivered until every listener has
/// returned without throwing; one that fails <see cref="OutboxSession.AttemptsMax"/> times (over some four minutes) is parked with its
/// error, seen by the health check, and the events of its key behind it go on.
/// </summary>
internal sealed class OutboxDispatcher(
    IDatabase database,
    ILeases leases,
    LeaseOptions leaseOptions,
    WakeBoard board,
    OutboxStore store,
    Listeners listeners,
    IServiceScopeFactory scopes,
    TimeProvider clock,
    ILogger<OutboxDispatcher> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var tools = new OutboxTools(store, listeners, scopes, board.Signal(WakeBoard.OutboxTopic), clock, logger);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var lease = await leases.TryAcquire(WakeBoard.OutboxTopic, stoppingToken);
                if (lease is not null)
                {
                    board.ServedHere(WakeBoard.OutboxTopic, true);
                    await Dispatch(tools, lease, stoppingToken);
                }
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogWarning("The outbox could not be read: {Reason}", failure.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            finally
            {
                board.ServedHere(WakeBoard.OutboxTopic, false);
            }

            await Task.Delay(leaseOptions.RetryPeriod, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One session after the other, as long as the lease holds: a broken connection does not make another host wait for it.</summary>
    private async Task Dispatch(OutboxTools tools, ILease lease, CancellationToken stopping)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(stopping, lease.Lost);
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await using var connection = await database.Open(cancel.Token);
                using var session = new OutboxSession(tools);
                await session.Run(connection, cancel.Token);
            }
            catch (Exception failure) when (!cancel.IsCancellationRequested)
            {
                logger.LogWarning("The outbox could not be read: {Reason}", failure.Message);
                await Task.Delay(leaseOptions.RetryPeriod, clock, cancel.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
