using Fury.Access.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace Fury.Compute.Serverless.Jobs;

/// <summary>The wish to cancel.</summary>
/// <param name="Reason">For the record; at most 500 characters.</param>
internal sealed record CancelRequest(string? Reason = null);

/// <summary>Runs of jobs of a scope.</summary>
[ApiController]
[Route("api/v1/applications/{application}/scopes/{scope}/jobs")]
[Tags("Jobs")]
internal sealed class JobsController(JobDesk desk, JobLogs logs) : ControllerBase
{
    private const int TailDefault = 1000;

    /// <summary>Runs a job to its end. 201 with the run; 200 when its key is known; 507 when the scope has too many under way.</summary>
    [HttpPost]
    [Needs(Permission.Deploy)]
    [Recorded]
    public async Task<ActionResult<RunView>> Start(
        ApplicationName application,
        ScopeName scope,
        [FromBody] JobRequest request,
        [FromHeader(Name = "Idempotency-Key")] string? key,
        CancellationToken cancellation) =>
        Answer(await desk.Start(new(application, scope), request, key, cancellation));

    /// <summary>The runs of a scope, or of one of its schedules, newest first.</summary>
    [HttpGet]
    [Needs(Permission.View)]
    public async Task<ActionResult<Page<RunView>>> List(
        ApplicationName application,
        ScopeName scope,
        [FromQuery] string? schedule,
        [FromQuery] string? after,
        [FromQuery] int? limit,
        CancellationToken cancellation) =>
        (await desk.List(new(application, scope), schedule, new(after, limit ?? PageQuery.LimitDefault), cancellation)).Answer();

    [HttpGet("{run}")]
    [Needs(Permission.View)]
    public async Task<ActionResult<RunView>> Find(ApplicationName application, ScopeName scope, RunId run, CancellationToken cancellation) =>
        (await desk.Find(new(application, scope), run, cancellation)).Then<RunView>(found => RunView.Of(found)).Answer();

    /// <summary>Ends the run and takes what it has in its cluster away; 409 when it has ended. The body may be left out.</summary>
    [HttpPost("{run}/cancel")]
    [Needs(Permission.Deploy)]
    [Recorded(nameof(Find))]
    public async Task<ActionResult<RunView>> Cancel(
        ApplicationName application,
        ScopeName scope,
        RunId run,
        [FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] CancelRequest? request,
        CancellationToken cancellation) =>
        (await desk.Cancel(new(application, scope), run, request?.Reason, cancellation)).Then<RunView>(found => RunView.Of(found)).Answer();

    /// <summary>The last <c>tail</c> lines (1 to 5000, default 1000) of each attempt; with <c>follow=true</c> also new ones until it has ended.</summary>
    [HttpGet("{run}/logs")]
    [Needs(Permission.View)]
    public async Task<ActionResult> Logs(
        ApplicationName application,
        ScopeName scope,
        RunId run,
        [FromQuery] int? tail,
        [FromQuery] bool? follow,
        CancellationToken cancellation)
    {
        var check = new Validation();
        check.Require(tail is null or (>= 1 and <= RunLines.TailMax), tail, $"1 to {RunLines.TailMax}");
        if (check.Fault is { } bad)
        {
            return Answers.Problem(bad);
        }

        if (await desk.Find(new(application, scope), run, cancellation) is { IsOk: false } missing)
        {
            return Answers.Problem(missing.Fault);
        }

        await TextLines.Write(Response, logs.Read(run, tail ?? TailDefault, follow ?? false, cancellation), follow ?? false, cancellation);
        return new EmptyResult();
    }

    internal static ActionResult<RunView> Answer(Outcome<(JobRun Run, bool IsNew)> admitted)
    {
        if (!admitted.IsOk)
        {
            return Answers.Problem(admitted.Fault);
        }

        var view = RunView.Of(admitted.Value.Run);
        return admitted.Value.IsNew
            ? new CreatedResult($"/api/v1/applications/{view.Scope.Application}/scopes/{view.Scope.Scope}/jobs/{view.Id}", view)
            : new OkObjectResult(view);
    }
}
