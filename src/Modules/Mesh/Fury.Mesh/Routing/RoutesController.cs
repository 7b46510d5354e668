using Fury.Access.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Mesh.Routing;

[ApiController]
[Route("api/v1/mesh/routes")]
[Tags("Mesh")]
internal sealed class RoutesController(RoutingTableStore tables) : ControllerBase
{
    /// <summary>The routes of every scope, with the endpoints that are ready now.</summary>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="limit">1 to 500.</param>
    [HttpGet]
    [Needs(Permission.View)]
    public async Task<ActionResult<Page<ScopeView>>> List(
        string? after, int limit = PageQuery.LimitDefault, CancellationToken cancellation = default)
    {
        var check = new Validation();
        check.Limit(limit);
        return check.Fault is { } fault ? Answers.Problem(fault) : await tables.List(new(after, limit), cancellation);
    }
}
