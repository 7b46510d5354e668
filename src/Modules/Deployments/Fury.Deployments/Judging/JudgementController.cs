using System.Text.Json.Nodes;
using Fury.Access.Contracts;
using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace Fury.Deployments.Judging;

/// <summary>What the judge says of a deployment.</summary>
[ApiController]
[Route("api/v1/deployments/{id}/judgement")]
[Produces("application/json")]
internal sealed class JudgementController(JudgementDesk desk) : ControllerBase
{
    /// <summary>What it says now, with every number behind it; 409 when it has not judged it.</summary>
    [HttpGet]
    [Needs(Permission.View, Subject = typeof(DeploymentSubject))]
    public async Task<ActionResult<JudgementStatus>> Now(DeploymentId id, CancellationToken cancellation) => (await desk.Now(id, cancellation)).Answer();

    /// <summary>
    /// Has every recorded tick judged again, and says when the verdict changed and whether it is what the events hold. The body, which may be left out, has
    /// fields of the judge's policy to try instead of the deployment's own. 409 when ticks are forgotten.
    /// </summary>
    [HttpPost("replay")]
    [Needs(Permission.View, Subject = typeof(DeploymentSubject))]
    public async Task<ActionResult<JudgementReplay>> Replay(
        DeploymentId id, [FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] JsonObject? policy, CancellationToken cancellation) =>
        (await JudgeFields.Read(policy ?? []).Then(tried => desk.Replay(id, tried, cancellation))).Answer();
}
