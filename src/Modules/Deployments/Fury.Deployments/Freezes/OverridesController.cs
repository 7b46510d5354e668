using Fury.Access.Contracts;
using Fury.Deployments.Gates;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Deployments.Freezes;

/// <summary>Overrides of a freeze: one person asks, another one confirms.</summary>
[ApiController]
[Route("api/v1/freezes/{name}/overrides")]
[Tags("Freezes")]
[Produces("application/json")]
internal sealed class OverridesController(FreezeStore freezes, OverrideStore overrides, TimeProvider clock) : ControllerBase
{
    /// <summary>Asks for an override (201); the same wish again returns the first one (200). It has no effect until it is confirmed.</summary>
    [HttpPost]
    [Needs(Permission.Deploy, Anywhere = true)]
    [Recorded]
    public async Task<ActionResult<Override>> Ask(ShortName name, [FromBody] OverrideRequest request, CancellationToken cancellation) =>
        this.Answer(await (request with { By = HttpContext.NameOf(request.By) }).Read(clock.GetUtcNow())
            .Then(wish => overrides.Ask(name.Value, wish, cancellation)));

    /// <summary>Confirms it; 403 for who has asked for it.</summary>
    [HttpPost("{id}/confirm")]
    [Needs(Permission.Approve)]
    [Recorded]
    public async Task<ActionResult<Override>> Confirm(ShortName name, Guid id, [FromBody] ConfirmRequest request, CancellationToken cancellation)
    {
        var check = new Validation();
        var by = check.Person(HttpContext.NameOf(request.By));
        return check.Fault is { } fault ? Answers.Problem(fault) : this.Answer(await overrides.Confirm(name.Value, id, by, cancellation));
    }

    /// <summary>All that were asked for, newest first, also those that have run out.</summary>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="limit">1 to 500.</param>
    [HttpGet]
    [Needs(Permission.View, Anywhere = true)]
    public async Task<ActionResult<Page<Override>>> List(
        ShortName name, [FromQuery] Guid? after, [FromQuery] int? limit, CancellationToken cancellation)
    {
        var check = new Validation();
        var page = check.Page(null, limit);
        if (check.Fault is { } fault)
        {
            return Answers.Problem(fault);
        }

        return await freezes.Find(name.Value, cancellation) is { } freeze
            ? Page<Override>.Of(await overrides.List(freeze.Id, after, page.Limit + 1, cancellation), page.Limit, one => $"{one.Id}")
            : Answers.Problem(Fault.NotFound("freeze", name));
    }
}
