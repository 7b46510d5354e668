using Fury.Hosting;
using Fury.Kernel;
using Microsoft.Extensions.Logging;

namespace Fury.Compute.Serverless.Jobs.Schedules;

/// <summary>
/// Starts what is due, on one host at a time. The platform decides the times, not a cluster: each run goes where it is best at its moment, and a cluster that
/// dies takes no schedule with it.
/// </summary>
internal sealed class ScheduleReconciler(ScheduleStore store, JobDesk desk, TimeProvider clock, ILogger<ScheduleReconciler> log) : IReconciler
{
    public string Name => "serverless.schedules";

    public TimeSpan Period { get; } = TimeSpan.FromSeconds(1);

    public bool OncePerPlatform => true;

    public async Task Pass(long fence, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        foreach (var schedule in await store.Due(now, cancellation))
        {
            Outcome<JobRun>? run = null;
            if (schedule.Due(now) is { } due)
            {
                run = await desk.Freeze(schedule.Scope, schedule.Job, schedule.Name, due, cancellation);
            }

            var fired = await store.Fire(schedule, run, now, cancellation);
            if (fired is { IsOk: true, Value.LeftOut: { } why })
            {
                log.LogWarning("Schedule {Schedule} of {Scope} was due and is left out: {Why}", schedule.Name, schedule.Scope, why);
            }
        }
    }
}
