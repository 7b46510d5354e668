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
            if (host.Engine is not null)
            {
                var now = host.Clock.Now;
                wait = WaitMax;
                foreach (var schedule in _schedules)
                {
                    var next = await StartDue(schedule, doneUntil, now, stoppingToken);
                    wait = next < wait ? next : wait;
                }
            }

            await Task.Delay(wait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>How long there is nothing to do for this schedule. One that cannot start its saga now holds up no other.</summary>
    private async Task<TimeSpan> StartDue(
        SagaSchedule schedule, Dictionary<SagaSchedule, DateTimeOffset> doneUntil, DateTimeOffset now, CancellationToken cancellation)
    {
        var after = doneUntil[schedule] > now - SagaSchedule.CatchUp ? doneUntil[schedule] : now - SagaSchedule.CatchUp;
        try
        {
            if (schedule.Last(after, now) is { } occurrence
                && await schedule.Start(sagas, occurrence, cancellation) is { IsOk: false, Fault: var fault })
            {
                log.LogError("Schedule '{Schedule}' could not start its saga of {Occurrence}: {Fault}", schedule.Name, occurrence, fault);
            }
        }
#pragma warning disable CA1031 // Tried again; that is in the log, and not the host's end.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            log.LogError(exception, "Schedule '{Schedule}' could not start its saga now", schedule.Name);
            return RetryPause;
        }

        doneUntil[schedule] = now;
        return schedule.Next(now) is { } next ? next - now : WaitMax;
    }
}
