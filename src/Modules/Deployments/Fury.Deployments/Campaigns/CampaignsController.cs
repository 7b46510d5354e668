using Fury.Access.Contracts;
using Fury.Deployments.Gates;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Deployments.Campaigns;

/// <summary>One change for many scopes, stopped when too many of them fail.</summary>
[ApiController]
[Route("api/v1/campaigns")]
[Tags("Campaigns")]
[Produces("application/json")]
internal sealed class CampaignsController(CampaignDesk desk) : ControllerBase
{
    /// <summary>Starts a campaign (201); the same request again returns it (200), another one of its name is a 409.</summary>
    [HttpPost]
    [Needs(Permission.Deploy)]
    [Recorded]
    public async Task<ActionResult<CampaignView>> Start([FromBody] CampaignRequest request, CancellationToken cancellation) =>
        await desk.Start(request with { By = HttpContext.NameOf(request.By) }, cancellation) switch
        {
            { IsOk: false } refused => Answers.Problem(refused.Fault),
            { Value: { IsNew: true } written } => Created($"/api/v1/campaigns/{written.Value.Id}", written.Value),
            var known => Ok(known.Value.Value),
        };

    /// <summary>All campaigns, newest first, without their targets.</summary>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="limit">1 to 500.</param>
    [HttpGet]
    [Needs(Permission.View)]
    public async Task<ActionResult<Page<CampaignView>>> List([FromQuery] Guid? after, [FromQuery] int? limit, CancellationToken cancellation)
    {
        var check = new Validation();
        var page = check.Page(null, limit);
        return check.Fault is { } fault
            ? Answers.Problem(fault)
            : Page<CampaignView>.Of(await desk.List(after, page.Limit + 1, cancellation), page.Limit, one => $"{one.Id}");
    }

    /// <summary>A campaign with its targets, in the order of their turns.</summary>
    [HttpGet("{id}")]
    [Needs(Permission.View)]
    public async Task<ActionResult<CampaignView>> Find(Guid id, CancellationToken cancellation) => (await desk.Find(id, cancellation)).Answer();

    /// <summary>
    /// <c>stop</c>: nothing more begins. <c>resume</c>: it goes on, and the failures so far are forgiven. <c>abort</c>: nothing more begins, ever, and what is
    /// in flight is aborted. What is so already changes nothing; a campaign that is done or aborted is a 409.
    /// </summary>
    [HttpPost("{id}/{command}")]
    [Needs(Permission.Deploy)]
    [Recorded(nameof(Find))]
    public async Task<ActionResult<CampaignView>> Ask(Guid id, string command, [FromBody] LiftRequest request, CancellationToken cancellation)
    {
        var check = new Validation();
        var (asked, by, reason) = (check.Choice(command, default(CampaignCommand)), check.Person(HttpContext.NameOf(request.By)), check.Reason(request.Reason));
        return check.Fault is { } bad ? Answers.Problem(bad) : (await desk.Ask(id, asked, by, reason, cancellation)).Answer();
    }
}
