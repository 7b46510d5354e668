using Fury.Access.Contracts;
using Fury.Deployments.Gates;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Deployments.Webhooks;

/// <param name="Replayed">How many are tried again.</param>
internal sealed record Replay(int Replayed);

/// <summary>What a webhook was sent, is to be sent, and could not be sent.</summary>
[ApiController]
[Route("api/v1/webhooks/{name}")]
[Tags("Webhooks")]
[Produces("application/json")]
internal sealed class DeliveriesController(
    WebhookStore webhooks, DeliveryStore deliveries, DeliveryList list, TestMessages tests, IWake wake, TimeProvider clock) : ControllerBase
{
    /// <summary>Deliveries of one state, newest first. Delivered ones are kept for a day, dead ones until there are more than 1000.</summary>
    /// <param name="state">dead (when left out), pending or delivered.</param>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="limit">1 to 500.</param>
    [HttpGet("deliveries")]
    [Needs(Permission.Administer)]
    public async Task<ActionResult<Page<DeliveryView>>> List(
        ShortName name, [FromQuery] string? state, [FromQuery] long? after, [FromQuery] int? limit, CancellationToken cancellation)
    {
        var check = new Validation();
        var page = check.Page(null, limit);
        var wanted = check.Choice(state, DeliveryState.Dead);
        if (check.Fault is { } fault)
        {
            return Answers.Problem(fault);
        }

        var known = await webhooks.Find(name.Value, cancellation);
        return (await known.Then<Page<DeliveryView>>(async _ =>
            Page<DeliveryView>.Of(await list.List(name.Value, wanted, after, page.Limit + 1, cancellation), page.Limit, one => $"{one.Id}"))).Answer();
    }

    /// <summary>
    /// Queues a test message for it alone, whatever events it wants (202): sent, signed and tried again as all others. 409 when it is disabled, or when one
    /// waits for it already.
    /// </summary>
    [HttpPost("test")]
    [Needs(Permission.Administer)]
    [Recorded]
    public async Task<ActionResult<DeliveryView>> Test(ShortName name, CancellationToken cancellation)
    {
        var asked = await tests.Ask(name.Value, HttpContext.NameOf(HttpContext.Caller().Name)!, cancellation);
        var queued = await asked.Then(id => list.Find(name.Value, id, cancellation));
        if (!queued.IsOk)
        {
            return Answers.Problem(queued.Fault);
        }

        wake.Reconciler(Courier.ReconcilerName);
        return Accepted($"/api/v1/webhooks/{name}/deliveries?state=pending", queued.Value);
    }

    /// <summary>Tries a dead delivery as if it were new; 409 when it is not dead.</summary>
    [HttpPost("deliveries/{id}/replay")]
    [Needs(Permission.Administer)]
    [Recorded]
    public async Task<ActionResult<DeliveryView>> Replay(ShortName name, long id, CancellationToken cancellation)
    {
        var found = await list.Find(name.Value, id, cancellation);
        return (await found.Then<DeliveryView>(async delivery =>
        {
            if (delivery.State != DeliveryState.Dead)
            {
                return Fault.Conflict($"Delivery {id} is {Word.Of(delivery.State)}; only a dead one can be replayed.");
            }

            await deliveries.Replay(delivery, clock.GetUtcNow(), cancellation);
            wake.Reconciler(Courier.ReconcilerName);
            return (await list.Find(name.Value, id, cancellation)).Then<DeliveryView>(replayed => replayed);
        })).Answer();
    }

    /// <summary>Tries every dead delivery of the webhook as if it were new.</summary>
    [HttpPost("replay")]
    [Needs(Permission.Administer)]
    [Recorded]
    public async Task<ActionResult<Replay>> ReplayAll(ShortName name, CancellationToken cancellation)
    {
        var known = await webhooks.Find(name.Value, cancellation);
        return (await known.Then<Replay>(async _ =>
        {
            var dead = await list.List(name.Value, DeliveryState.Dead, null, DeliveryList.DeadMax, cancellation);
            foreach (var delivery in dead.Reverse())
            {
                await deliveries.Replay(delivery, clock.GetUtcNow(), cancellation);
            }

            wake.Reconciler(Courier.ReconcilerName);
            return new Replay(dead.Count);
        })).Answer();
    }
}
