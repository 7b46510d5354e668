using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fury.LittleMonster;

/// <summary>
/// Starts what is due by the database's time. Every host does it, with no word between them: the occurrence is in the saga's start key, so of
/// all starts one counts.
/// </summary>
internal sealed class ScheduleRunner(
    IEnumerable<SagaSchedule> schedules, ILittleMonster sagas, MonsterHost host, TimeProvider time, ILogger<ScheduleRunner> log)
    : BackgroundService
{
    /// <summary>The clock may be corrected while it waits.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(5);

    private readonly SagaSchedule[] _schedules = [.. schedules];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var doneUntil = _schedules.ToDictionary(schedule => schedule, _ => DateTimeOffset.MinValue);
        while (_schedules.Length > 0 && !stoppingToken.IsCancellationRequested)
        {
            var wait = RetryPause;
            try
            {
                if (host.Engine is not null)
                {
                    wait = await StartDue(doneUntil, stoppingToken);
                }
            }
            catch (Exception exception) when (Database.MayPass(exception) && !stoppingToken.IsCancellationRequested)
            {
                log.LogWarning("What is due could not be started now: {Error}", exception.Message);
            }

            await Task.Delay(wait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>How long there is nothing to do.</summary>
    private async Task<TimeSpan> StartDue(Dictionary<SagaSchedule, DateTimeOffset> doneUntil, CancellationToken cancellation)
    {
        var now = host.Clock.Now;
        var wait = WaitMax;
        foreach (var schedule in _schedules)
        {
            var after = doneUntil[schedule] > now - SagaSchedule.CatchUp ? doneUntil[schedule] : now - SagaSchedule.CatchUp;
            if (schedule.Last(after, now) is { } occurrence)
            {
                var started = await schedule.Start(sagas, occurrence, cancellation);
                if (!started.IsOk)
                {
                    log.LogError("Schedule '{Schedule}' could not start its saga of {Occurrence}: {Fault}", schedule.Name, occurrence, started.Fault);
                }
            }

            doneUntil[schedule] = now;
            wait = schedule.Next(now) is { } next && next - now < wait ? next - now : wait;
        }

        return wait;
    }
}
