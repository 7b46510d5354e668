using Fury.Access.Contracts;
using Fury.Access.Deciding;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Access.Grants;

/// <summary>Who has which role where. What no grant allows is not allowed.</summary>
[ApiController]
[Route("api/v1/access/grants")]
[Tags("Access")]
[Produces("application/json")]
internal sealed class GrantsController(PolicyStore store, PolicyBook book, TimeProvider clock) : ControllerBase
{
    /// <summary>All grants, in the order of their making.</summary>
    /// <param name="to">Those of one subject, such as <c>user:ann</c>.</param>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="limit">1 to 500.</param>
    [HttpGet]
    [Needs(Permission.Administer)]
    public async Task<ActionResult<Page<GrantView>>> List(
        string? to, Guid? after, int limit = PageQuery.LimitDefault, CancellationToken cancellation = default)
    {
        var check = new Validation();
        var subject = to is null ? null : AccessWords.Subject(check, to, "to");
        check.Limit(limit);
        if (check.Fault is { } fault)
        {
            return Answers.Problem(fault);
        }

        var page = await store.List(after, limit, subject, cancellation);
        return new Page<GrantView>([.. page.Items.Select(GrantView.Of)], page.Next);
    }

    /// <summary>Grants a role (201); the same grant again is the one that is there (200).</summary>
    [HttpPost]
    [Needs(Permission.Administer)]
    public async Task<ActionResult<GrantView>> Add([FromBody] GrantRequest request, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var added = await request.Read(Guid.CreateVersion7(now)).Then(grant => store.Add(grant, HttpContext.Caller().Name, now, cancellation));
        book.Forget();
        if (!added.IsOk)
        {
            return Answers.Problem(added.Fault);
        }

        var view = GrantView.Of(added.Value.Grant);
        HttpContext.Changes(added.Value.Created ? null : view, view);
        return added.Value.Created ? Created($"/api/v1/access/grants/{view.Id}", view) : Ok(view);
    }

    /// <summary>Takes it back. It ends within a second on every host.</summary>
    [HttpDelete("{id:guid}")]
    [Needs(Permission.Administer)]
    public async Task<IActionResult> Remove(Guid id, CancellationToken cancellation)
    {
        var removed = await store.Remove(id, cancellation);
        book.Forget();
        if (!removed.IsOk)
        {
            return Answers.Problem(removed.Fault);
        }

        HttpContext.Changes(GrantView.Of(removed.Value), null);
        return NoContent();
    }
}
