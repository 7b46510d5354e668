using Fury.Access.Contracts;
using Fury.Deployments.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Deployments.Fleet;

/// <summary>The deployments of all scopes, for those who look after all of them.</summary>
[ApiController]
[Route("api/v1/deployments")]
[Tags("Deployments")]
[Produces("application/json")]
internal sealed class FleetController(FleetStore fleet, IAccess access) : ControllerBase
{
    /// <summary>Deployments of all scopes that the caller may see, newest first.</summary>
    /// <param name="application">Of this application only.</param>
    /// <param name="ended">True: those that have ended; false: those in progress.</param>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="limit">1 to 500.</param>
    [HttpGet]
    [Needs(Permission.View, Anywhere = true)]
    public async Task<ActionResult<Page<Deployment>>> List(
        [FromQuery] string? application, [FromQuery] bool? ended, [FromQuery] string? after, [FromQuery] int? limit, CancellationToken cancellation)
    {
        var check = new Validation();
        ApplicationName? of = application is null ? null : check.Name<ApplicationName>(application);
        Guid before = default;
        check.Require(after is null || Guid.TryParse(after, out before), after, "the next of the page before");
        var rows = check.Limit(limit);
        if (check.Fault is { } fault)
        {
            return Answers.Problem(fault);
        }

        var sight = await access.Sight(HttpContext.Caller(), Permission.View, cancellation);
        var found = await fleet.List(sight, new(of, ended, after is null ? null : before), rows + 1, cancellation);
        return Page<Deployment>.Of(found, rows, one => $"{one.Id}");
    }
}
