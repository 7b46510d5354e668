using Fury.Access.Contracts;
using Fury.Catalog.Contracts;
using Fury.Deployments.Gates;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Deployments.Pins;

/// <summary>Why a scope stays at what it runs.</summary>
/// <param name="Reason">1 to 500 printable characters.</param>
/// <param name="By">Who says so, 1 to 100 printable characters. A proven name stands instead.</param>
internal sealed record PinRequest(string? Reason, string? By);

/// <summary>Scopes that stay at what they run.</summary>
[ApiController]
[Route("api/v1")]
[Tags("Pins")]
[Produces("application/json")]
internal sealed class PinsController(PinStore pins, RuleBook book, ICatalog catalog, TimeProvider clock) : ControllerBase
{
    private const string OfScope = "applications/{application}/scopes/{scope}/pin";

    /// <summary>Pins a scope (201), or says why anew (200). A deployment that is under way goes on.</summary>
    [HttpPut(OfScope)]
    [Needs(Permission.Freeze)]
    [Recorded(nameof(Find))]
    public async Task<ActionResult<Pin>> Put(
        ApplicationName application, ScopeName scope, [FromBody] PinRequest request, CancellationToken cancellation)
    {
        var check = new Validation();
        var pin = new Pin(new(application, scope), check.Reason(request.Reason), check.Person(HttpContext.NameOf(request.By)), clock.GetUtcNow());
        if (check.Fault is { } fault)
        {
            return Answers.Problem(fault);
        }

        var known = await catalog.FindScope(pin.Scope, cancellation);
        return this.Answer(await known.Then(_ => pins.Put(pin, cancellation)));
    }

    [HttpGet(OfScope)]
    [Needs(Permission.View)]
    public async Task<ActionResult<Pin>> Find(ApplicationName application, ScopeName scope, CancellationToken cancellation) =>
        (await book.Current(cancellation)).Pin(new(application, scope)) is { } pin
            ? pin
            : Answers.Problem(Fault.NotFound("pin of scope", new ScopeRef(application, scope)));

    /// <summary>From now on the scope is deployed to again.</summary>
    [HttpPost(OfScope + "/lift")]
    [Needs(Permission.Freeze)]
    [Recorded(nameof(Find))]
    public async Task<ActionResult<Pin>> Lift(
        ApplicationName application, ScopeName scope, [FromBody] LiftRequest request, CancellationToken cancellation)
    {
        var check = new Validation();
        var (by, reason) = (check.Person(HttpContext.NameOf(request.By)), check.Reason(request.Reason));
        return check.Fault is { } fault ? Answers.Problem(fault) : this.Answer(await pins.Lift(new(application, scope), by, reason, cancellation));
    }

    /// <summary>All pins in the order of applications and scopes.</summary>
    /// <param name="after">The <c>next</c> of the page before: <c>application/scope</c>.</param>
    /// <param name="limit">1 to 500.</param>
    [HttpGet("pins")]
    [Needs(Permission.View)]
    public async Task<ActionResult<Page<Pin>>> List([FromQuery] string? after, [FromQuery] int? limit, CancellationToken cancellation)
    {
        var check = new Validation();
        var page = check.Page(after, limit);
        check.Require(ScopeRef.TryParse(after, out var scope) || after is null, after, "the next of the page before");
        return check.Fault is { } fault
            ? Answers.Problem(fault)
            : Page<Pin>.Of(await pins.List(scope, page.Limit + 1, cancellation), page.Limit, one => $"{one.Scope}");
    }
}
