using Fury.Access.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Compute.Serverless.Placement;

/// <summary>Why a pool's replicas are where they are.</summary>
/// <param name="Text">In one sentence.</param>
internal sealed record PlacementView(string Text, Decision Decision);

[ApiController]
[Route("api/v1/placements")]
[Tags("Placements")]
internal sealed class PlacementController(IReservationStore store) : ControllerBase
{
    /// <summary>The last decision for a pool, with what led to it.</summary>
    [HttpGet("{pool}")]
    [Needs(Permission.View)]
    public async Task<ActionResult<PlacementView>> Get(PoolId pool, CancellationToken cancellation) =>
        await store.FindDecision(pool, cancellation) is { } decision
            ? new PlacementView(decision.Explain(), decision)
            : Answers.Problem(Fault.NotFound("placement", pool));
}
