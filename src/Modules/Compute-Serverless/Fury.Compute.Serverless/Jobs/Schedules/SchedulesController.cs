using Fury.Access.Contracts;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Compute.Serverless.Jobs.Schedules;

/// <summary>Schedules of a scope.</summary>
[ApiController]
[Route("api/v1/applications/{application}/scopes/{scope}/schedules")]
[Tags("Jobs")]
internal sealed class SchedulesController(ScheduleStore schedules, JobDesk desk, ICatalog catalog, TimeProvider clock) : ControllerBase
{
    private const int RequestBytesMax = 1024 * 1024;

    /// <summary>Makes the schedule be as asked; the same again changes nothing. What was due before is not made up for.</summary>
    [HttpPut("{name}")]
    [Needs(Permission.Config)]
    [Recorded(nameof(Find))]
    [RequestSizeLimit(RequestBytesMax)]
    public async Task<ActionResult<ScheduleView>> Put(
        ApplicationName application, ScopeName scope, ScheduleName name, [FromBody] ScheduleRequest request, CancellationToken cancellation)
    {
        var check = new Validation();
        var schedule = request.Read(check, new(application, scope), name, clock.GetUtcNow());
        await desk.CheckLocation(check, schedule.Job.Location, "job.location", cancellation);
        if (check.Fault is { } bad)
        {
            return Answers.Problem(bad);
        }

        // A version that does not exist is told now, and not in the night.
        var frozen = await catalog.Freeze(schedule.Scope, schedule.Job.Version, cancellation);
        return (await frozen.Then(_ => schedules.Put(schedule, cancellation))).Then<ScheduleView>(put => ScheduleView.Of(put)).Answer();
    }

    /// <summary>The schedules of a scope, by name.</summary>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="limit">1 to 500.</param>
    [HttpGet]
    [Needs(Permission.View)]
    public async Task<ActionResult<Page<ScheduleView>>> List(
        ApplicationName application, ScopeName scope, [FromQuery] string? after, [FromQuery] int? limit, CancellationToken cancellation)
    {
        var check = new Validation();
        var most = check.Limit(limit);
        if (check.Fault is { } bad)
        {
            return Answers.Problem(bad);
        }

        var known = await catalog.FindScope(new(application, scope), cancellation);
        return (await known.Then<Page<ScheduleView>>(async _ =>
        {
            var found = await schedules.List(new(application, scope), after, most + 1, cancellation);
            return Page<ScheduleView>.Of([.. found.Select(ScheduleView.Of)], most, one => one.Name.Value);
        })).Answer();
    }

    [HttpGet("{name}")]
    [Needs(Permission.View)]
    public async Task<ActionResult<ScheduleView>> Find(
        ApplicationName application, ScopeName scope, ScheduleName name, CancellationToken cancellation) =>
        (await Known(new(application, scope), name, cancellation)).Then<ScheduleView>(found => ScheduleView.Of(found)).Answer();

    /// <summary>Forgets the schedule; its runs go on. One that is not there is a success.</summary>
    [HttpDelete("{name}")]
    [Needs(Permission.Config)]
    [Recorded(nameof(Find))]
    public async Task<IActionResult> Delete(ApplicationName application, ScopeName scope, ScheduleName name, CancellationToken cancellation)
    {
        await schedules.Remove(new(application, scope), name, cancellation);
        return NoContent();
    }

    /// <summary>It is not due any more until it is resumed; its runs go on.</summary>
    [HttpPost("{name}/pause")]
    [Needs(Permission.Deploy)]
    [Recorded(nameof(Find))]
    public Task<ActionResult<ScheduleView>> Pause(ApplicationName application, ScopeName scope, ScheduleName name, CancellationToken cancellation) =>
        Pause(new(application, scope), name, isPaused: true, cancellation);

    /// <summary>It is due again from now on; what would have been due meanwhile is not made up for.</summary>
    [HttpPost("{name}/resume")]
    [Needs(Permission.Deploy)]
    [Recorded(nameof(Find))]
    public Task<ActionResult<ScheduleView>> Resume(ApplicationName application, ScopeName scope, ScheduleName name, CancellationToken cancellation) =>
        Pause(new(application, scope), name, isPaused: false, cancellation);

    /// <summary>Runs it now, paused or not. 201 with the run; 200 when its key is known; 409 when one has not ended and another is forbidden.</summary>
    [HttpPost("{name}/run")]
    [Needs(Permission.Deploy)]
    [Recorded]
    public async Task<ActionResult<RunView>> Run(
        ApplicationName application,
        ScopeName scope,
        ScheduleName name,
        [FromHeader(Name = "Idempotency-Key")] string? key,
        CancellationToken cancellation)
    {
        var check = new Validation();
        JobDesk.RequireKey(check, key);
        if (check.Fault is { } bad)
        {
            return Answers.Problem(bad);
        }

        var known = await Known(new(application, scope), name, cancellation);
        return JobsController.Answer(await known.Then(async schedule =>
        {
            var run = await desk.Freeze(schedule.Scope, schedule.Job, schedule.Name, null, cancellation);
            return await run.Then(made => schedules.Start(schedule, made, key is null ? null : new(key, $"schedule {name}"), cancellation));
        }));
    }

    private async Task<ActionResult<ScheduleView>> Pause(ScopeRef scope, ScheduleName name, bool isPaused, CancellationToken cancellation) =>
        (await schedules.Pause(scope, name, isPaused, clock.GetUtcNow(), cancellation)).Then<ScheduleView>(changed => ScheduleView.Of(changed)).Answer();

    private async Task<Outcome<Schedule>> Known(ScopeRef scope, ScheduleName name, CancellationToken cancellation) =>
        await schedules.Find(scope, name, cancellation) is { } schedule ? schedule : Fault.NotFound("schedule", name);
}
