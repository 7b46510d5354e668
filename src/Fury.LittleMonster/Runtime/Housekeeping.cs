using Microsoft.Extensions.Logging;
using Npgsql;

namespace Fury.LittleMonster;

/// <summary>Keeps the tables at their size: partitions for the days to come, and an end to what is older than is kept.</summary>
internal sealed class Housekeeping(IMembers members, TimeSpan keep, TimeProvider time, ILogger log)
{
    /// <summary>Rows that one commit takes away: it holds up nobody, and what it leaves is cleared away by the next vacuum.</summary>
    public const int RowsMax = 5000;

    public static readonly TimeSpan Period = TimeSpan.FromHours(6);

    /// <summary>Before the first time, and after a failure.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    public async Task Run(CancellationToken stopping)
    {
        var wait = Pause;
        while (!stopping.IsCancellationRequested)
        {
            await Task.Delay(wait, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            try
            {
                await members.EnsurePartitions(stopping);
                while (await members.Forget(keep, RowsMax, stopping) is > 0 and var portion)
                {
                    log.LogInformation("Took away {Portion} partitions or rows that were older than {Keep}", portion, keep);
                }

                wait = Period;
            }
            catch (Exception exception) when (Database.MayPass(exception) || exception is PostgresException)
            {
                log.LogDebug(exception, "What is too old could not be taken away now");
                wait = Pause;
            }
        }
    }
}
