using Fury.Access.Contracts;
using Fury.Deployments.Deployments;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Deployments.Judging;

/// <summary>What the judge has seen of a deployment, for a plot.</summary>
[ApiController]
[Route("api/v1/deployments/{id}/traffic")]
[Tags("Deployments")]
[Produces("application/json")]
internal sealed class TrafficController(IDeploymentStore store, EvidenceStore evidence) : ControllerBase
{
    private const int PointsMax = 600;

    /// <summary>Of longer ones the end is told: an hour, at a tick a second.</summary>
    private const int TicksMax = 3600;

    /// <summary>
    /// Requests, errors and latencies of candidate and current, tick by tick and oldest first. Of many ticks several make one point; of more than 3600 the
    /// last ones are told. Empty while nothing was judged, and when it is forgotten, after 100 days.
    /// </summary>
    /// <param name="after">The number of the last tick that is known.</param>
    [HttpGet]
    [Needs(Permission.View, Subject = typeof(DeploymentSubject))]
    public async Task<ActionResult<IReadOnlyList<TrafficPoint>>> Get(DeploymentId id, [FromQuery] int? after, CancellationToken cancellation)
    {
        var check = new Validation();
        check.Require(after is null or >= 0, after, "the number of a tick");
        if (check.Fault is { } fault)
        {
            return Answers.Problem(fault);
        }

        if (await store.Find(id, cancellation) is null)
        {
            return Answers.Problem(Fault.NotFound("deployment", id));
        }

        var ticks = await evidence.Last(id, after ?? 0, TicksMax, cancellation);
        return new OkObjectResult(TrafficSeries.Of([.. ticks.Select(one => (one.Number, Tick.Of(one.Tick)))], PointsMax));
    }
}
