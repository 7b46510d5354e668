using Fury.Access.Contracts;
using Fury.Deployments.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace Fury.Deployments.Deployments;

/// <summary>Deployments of a scope, and each by its id.</summary>
[ApiController]
[Route("api/v1")]
[Produces("application/json")]
internal sealed class DeploymentsController(DeploymentDesk desk, PlanDesk plans) : ControllerBase
{
    private const string OfScope = "applications/{application}/scopes/{scope}";

    /// <summary>Deploys a version. 201 with the deployment; 200 when its key is known; 409 with <c>deploymentId</c> when busy.</summary>
    [HttpPost(OfScope + "/deployments")]
    [Needs(Permission.Deploy)]
    [Recorded]
    public async Task<ActionResult<Deployment>> Start(
        ApplicationName application,
        ScopeName scope,
        [FromBody] DeploymentRequest request,
        [FromHeader(Name = "Idempotency-Key")] string? key,
        CancellationToken cancellation) =>
        Answer(await desk.Admit(new ScopeRef(application, scope), request with { By = HttpContext.NameOf(request.By) }, key, cancellation));

    /// <summary>What the same request would do as a deployment: its steps and how long they take, what it needs, and what speaks against it.</summary>
    [HttpPost(OfScope + "/plan")]
    [Needs(Permission.View)]
    public async Task<ActionResult<PlanForecast>> Plan(
        ApplicationName application, ScopeName scope, [FromBody] DeploymentRequest request, CancellationToken cancellation) =>
        (await plans.Forecast(new ScopeRef(application, scope), request, cancellation)).Answer();

    /// <summary>Goes back to a release that was done on this scope. The body may be left out.</summary>
    [HttpPost(OfScope + "/rollback")]
    [Needs(Permission.Rollback)]
    [Recorded]
    public async Task<ActionResult<Deployment>> Rollback(
        ApplicationName application,
        ScopeName scope,
        [FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] RollbackRequest? request,
        [FromHeader(Name = "Idempotency-Key")] string? key,
        CancellationToken cancellation)
    {
        var wish = request ?? new RollbackRequest();
        return Answer(await desk.Admit(new ScopeRef(application, scope), wish with { By = HttpContext.NameOf(wish.By) }, key, cancellation));
    }

    /// <summary>The deployments of a scope, newest first.</summary>
    [HttpGet(OfScope + "/deployments")]
    [Needs(Permission.View)]
    public async Task<ActionResult<Page<Deployment>>> List(
        ApplicationName application,
        ScopeName scope,
        [FromQuery] string? after,
        [FromQuery] int? limit,
        CancellationToken cancellation)
    {
        var page = new PageQuery(after, limit ?? PageQuery.LimitDefault);
        return (await desk.List(new ScopeRef(application, scope), page, cancellation)).Answer();
    }

    [HttpGet("deployments/{id}")]
    [Needs(Permission.View, Subject = typeof(DeploymentSubject))]
    public async Task<ActionResult<Deployment>> Find(DeploymentId id, CancellationToken cancellation) =>
        (await desk.Find(id, cancellation)).Answer();

    /// <summary>
    /// Asks something of a deployment in progress: <c>abort</c> turns it back, whatever its phase; <c>hold</c>, <c>resume</c>, <c>promote</c>,
    /// <c>promote-full</c>, <c>retry-step</c>, <c>retry-all</c>, <c>finalise</c>. What is so already changes nothing; what its phase does not allow is a 409.
    /// The body may be left out.
    /// </summary>
    [HttpPost("deployments/{id}/{command}")]
    [Needs(Permission.Deploy, Subject = typeof(DeploymentSubject))]
    [Recorded(nameof(Find))]
    public async Task<ActionResult<Deployment>> Do(
        DeploymentId id,
        string command,
        [FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] CommandRequest? request,
        [FromHeader(Name = "Idempotency-Key")] string? key,
        CancellationToken cancellation)
    {
        var validation = new Validation();
        var asked = validation.Choice(command, default(Command));
        return validation.Fault is { } bad
            ? Answers.Problem(bad)
            : (await desk.Do(id, asked, request?.Reason, HttpContext.NameOf(null), key, cancellation)).Answer();
    }

    private static ActionResult<Deployment> Answer(Outcome<Admission> admission)
    {
        if (!admission.IsOk)
        {
            return Answers.Problem(admission.Fault);
        }

        var deployment = admission.Value.Record.ToDeployment();
        return admission.Value.Created
            ? new CreatedResult($"/api/v1/deployments/{deployment.Id}", deployment)
            : new OkObjectResult(deployment);
    }
}

/// <param name="Reason">For the record; at most 500 characters.</param>
internal sealed record CommandRequest(string? Reason = null);
