using Fury.Access.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Compute.Serverless.Registry;

/// <summary>How much room clusters have, and who has it.</summary>
[ApiController]
[Route("api/v1/capacity")]
[Tags("Clusters")]
[Produces("application/json")]
internal sealed class CapacityController(CapacityStore capacity) : ControllerBase
{
    /// <summary>The room of each cluster, by its name.</summary>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="limit">1 to 500.</param>
    [HttpGet]
    [Needs(Permission.Operate)]
    public async Task<ActionResult<Page<CapacityView>>> List(string? after, int limit = PageQuery.LimitDefault, CancellationToken cancellation = default)
    {
        var check = new Validation();
        check.Limit(limit);
        return check.Fault is { } fault
            ? Answers.Problem(fault)
            : Page<CapacityView>.Of(await capacity.Room(after, limit + 1, cancellation), limit, one => one.Cluster);
    }

    /// <summary>What each pool has in each cluster, what it was promised included.</summary>
    /// <param name="cluster">Only what is there.</param>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="limit">1 to 500.</param>
    [HttpGet("holdings")]
    [Needs(Permission.Operate)]
    public async Task<ActionResult<Page<HoldingView>>> Holdings(
        string? cluster, string? after, int limit = PageQuery.LimitDefault, CancellationToken cancellation = default)
    {
        var check = new Validation();
        check.Limit(limit);
        return check.Fault is { } fault
            ? Answers.Problem(fault)
            : Page<HoldingView>.Of(await capacity.Holdings(cluster, after, limit + 1, cancellation), limit, one => one.Key);
    }
}
