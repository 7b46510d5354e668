using Fury.Access.Contracts;
using Fury.Deployments.Gates;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Deployments.Webhooks;

/// <summary>Who hears of deployments.</summary>
[ApiController]
[Route("api/v1/webhooks")]
[Tags("Webhooks")]
[Produces("application/json")]
internal sealed class WebhooksController(WebhookStore webhooks, WebhookOptions options, TimeProvider clock) : ControllerBase
{
    /// <summary>Makes a webhook (201), or makes the one of this name be so (200). The secret is never shown; left out of a change, it stays.</summary>
    [HttpPut("{name}")]
    [Needs(Permission.Administer)]
    [Recorded(nameof(Seen))]
    public async Task<ActionResult<Webhook>> Put(ShortName name, [FromBody] WebhookRequest request, CancellationToken cancellation) =>
        this.Answer(await request.Read(name, options.Addresses, clock.GetUtcNow())
            .Then(wanted => webhooks.Put(wanted.Webhook, wanted.Secret, cancellation)));

    /// <summary>All webhooks in the order of their names.</summary>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="limit">1 to 500.</param>
    [HttpGet]
    [Needs(Permission.Administer)]
    public async Task<ActionResult<Page<Webhook>>> List([FromQuery] string? after, [FromQuery] int? limit, CancellationToken cancellation)
    {
        var check = new Validation();
        var page = check.Page(after, limit);
        return check.Fault is { } fault
            ? Answers.Problem(fault)
            : Page<Webhook>.Of(await webhooks.List(page.After, page.Limit + 1, cancellation), page.Limit, one => one.Name);
    }

    [HttpGet("{name}")]
    [Needs(Permission.Administer)]
    public async Task<ActionResult<Webhook>> Find(ShortName name, CancellationToken cancellation) =>
        (await webhooks.Find(name.Value, cancellation)).Answer();

    /// <summary>Forgets it with all its deliveries. One that is not there is a success.</summary>
    [HttpDelete("{name}")]
    [Needs(Permission.Administer)]
    [Recorded(nameof(Seen))]
    public async Task<IActionResult> Remove(ShortName name, CancellationToken cancellation)
    {
        await webhooks.Remove(name.Value, cancellation);
        return NoContent();
    }

    /// <summary>For the audit trail, which more people read than may see addresses: whoever knows one can often write to it.</summary>
    private async Task<Webhook?> Seen(ShortName name, CancellationToken cancellation) =>
        await webhooks.Find(name.Value, cancellation) is { IsOk: true } found
            ? found.Value with { Url = new(found.Value.Url.GetLeftPart(UriPartial.Authority)) }
            : null;
}
