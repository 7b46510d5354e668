using Fury.Sdk.Resilience;
using Microsoft.Extensions.Hosting;

namespace Fury.Sdk.Messaging;

/// <summary>Sweeps away bodies that were left over, each hour. Every instance does it, which is as well: what is gone is gone.</summary>
internal sealed class ClaimCheckSweeper(Func<IReadOnlyCollection<ClaimCheck>> checks, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (checks().Count == 0)
        {
            return;
        }

        while (true)
        {
            // Not all instances in the same moment.
            await Task.Delay(Every * (0.5 + Jitter.Next()), clock, stoppingToken);
            foreach (var check in checks())
            {
                try
                {
                    await check.Sweep(stoppingToken);
                }
                catch (FuryException)
                {
                    // The bucket is away; what is left over can wait. The channel has told telemetry.
                }
            }
        }
    }
}
