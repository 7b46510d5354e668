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
internal sealed class DeploymentsController(DeploymentDesk desk) : ControllerBase
{
    private const string OfScope = "applications/{application}/scopes/{scope}";

    /// <summary>Deploys a version. 201 with the deployment; 200 when its key is known; 409 with <c>deploymentId</c> when busy.</summary>
    [HttpPost(OfScope + "/deployments")]
    public async Task<ActionResult<Deployment>> Start(
        string application,
        string scope,
        [FromBody] DeploymentRequest request,
        [FromHeader(Name = "Idempotency-Key")] string? key,
        CancellationToken cancellation)
    {
        var where = ScopeOf(application, scope);
        return where.IsOk ? Answer(await desk.Admit(where.Value, request, key, cancellation)) : Answers.Problem(where.Fault);
    }

    /// <summary>Goes back to a release that was done on this scope. The body may be left out.</summary>
    [HttpPost(OfScope + "/rollback")]
    public async Task<ActionResult<Deployment>> Rollback(
        string application,
        string scope,
        [FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] RollbackRequest? request,
        [FromHeader(Name = "Idempotency-Key")] string? key,
        CancellationToken cancellation)
    {
        var where = ScopeOf(application, scope);
        return where.IsOk
            ? Answer(await desk.Admit(where.Value, request ?? new RollbackRequest(), key, cancellation))
            : Answers.Problem(where.Fault);
    }

    /// <summary>The deployments of a scope, newest first.</summary>
    [HttpGet(OfScope + "/deployments")]
    public async Task<ActionResult<Page<Deployment>>> List(
        string application,
        string scope,
        [FromQuery] string? after,
        [FromQuery] int? limit,
        CancellationToken cancellation)
    {
        var where = ScopeOf(application, scope);
        return where.IsOk
            ? (await desk.List(where.Value, new PageQuery(after, limit ?? PageQuery.LimitDefault), cancellation)).Answer()
            : Answers.Problem(where.Fault);
    }

    [HttpGet("deployments/{id}")]
    public async Task<ActionResult<Deployment>> Find(string id, CancellationToken cancellation)
    {
        var deployment = IdOf(id);
        return deployment.IsOk ? (await desk.Find(deployment.Value, cancellation)).Answer() : Answers.Problem(deployment.Fault);
    }

    /// <summary>Turns the deployment back, whatever its phase; 409 when it has ended.</summary>
    [HttpPost("deployments/{id}/abort")]
    public async Task<ActionResult<Deployment>> Abort(
        string id,
        [FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] AbortRequest? request,
        CancellationToken cancellation)
    {
        var deployment = IdOf(id);
        return deployment.IsOk
            ? (await desk.Abort(deployment.Value, request?.Reason, cancellation)).Answer()
            : Answers.Problem(deployment.Fault);
    }

    public static Outcome<DeploymentId> IdOf(string id) =>
        Guid.TryParse(id, out var value) ? new DeploymentId(value) : Fault.NotFound("deployment", FieldFault.Of("id", id, "").Value ?? "");

    public static Outcome<ScopeRef> ScopeOf(string application, string scope)
    {
        var validation = new Validation();
        var (first, second) = (validation.Name<ApplicationName>(application), validation.Name<ScopeName>(scope));
        return validation.Fault is { } bad ? bad : new ScopeRef(first, second);
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

/// <summary>The wish to abort.</summary>
/// <param name="Reason">For the record; at most 500 characters.</param>
internal sealed record AbortRequest(string? Reason = null);
