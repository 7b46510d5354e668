using Fury.Access.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Compute.Standard.Agents;

/// <summary>What the platform team upgrades agents by.</summary>
[ApiController]
[Route("api/v1/agents/versions")]
[Tags("Agents")]
[Produces("application/json")]
internal sealed class AgentVersionsController(AgentVersions versions) : ControllerBase
{
    /// <summary>Which versions of the agent run in the instances of each scope, by scope and version.</summary>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="limit">1 to 500.</param>
    [HttpGet]
    [Needs(Permission.Operate)]
    public async Task<ActionResult<Page<AgentVersionView>>> List(
        string? after, int limit = PageQuery.LimitDefault, CancellationToken cancellation = default)
    {
        var check = new Validation();
        check.Limit(limit);
        return check.Fault is { } fault
            ? Answers.Problem(fault)
            : Page<AgentVersionView>.Of(await versions.List(after, limit + 1, cancellation), limit, one => one.Key());
    }
}
