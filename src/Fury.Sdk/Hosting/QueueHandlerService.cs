using Fury.Sdk.Messaging;
using Microsoft.Extensions.Hosting;

namespace Fury.Sdk.Hosting;

/// <summary>Runs a queue's handler for as long as the application runs.</summary>
internal sealed class QueueHandlerService<T>(QueueHandlerRunner<T> runner) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => runner.Run(stoppingToken);
}
