using Fury.Access.Contracts;
using Fury.Deployments.Gates;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Deployments.Freezes;

/// <summary>A freeze as people see it.</summary>
/// <param name="IsNow">Its time is now.</param>
/// <param name="Until">When that changes; null: not within a year.</param>
internal sealed record FreezeView(
    string Name,
    FreezeKind Kind,
    Selectors Covers,
    DateTimeOffset? From,
    DateTimeOffset? To,
    Recurrence? Recurs,
    InFlight InFlight,
    string Reason,
    string By,
    DateTimeOffset CreatedAt,
    bool IsNow,
    DateTimeOffset? Until)
{
    public static FreezeView Of(Freeze freeze, DateTimeOffset now)
    {
        var window = Windows.At(freeze, now);
        return new(
            freeze.Name, freeze.Kind, freeze.Covers, freeze.From, freeze.To, freeze.Recurs, freeze.InFlight, freeze.Reason, freeze.By, freeze.CreatedAt,
            window.IsNow, window.Until);
    }
}

/// <summary>When deployments may be, and when not.</summary>
[ApiController]
[Route("api/v1/freezes")]
[Tags("Freezes")]
[Produces("application/json")]
internal sealed class FreezesController(FreezeStore freezes, TimeProvider clock) : ControllerBase
{
    /// <summary>Makes a freeze (201), or makes the one of this name be so (200).</summary>
    [HttpPut("{name}")]
    [Needs(Permission.Freeze)]
    [Recorded(nameof(Find))]
    public async Task<ActionResult<FreezeView>> Put(ShortName name, [FromBody] FreezeRequest request, CancellationToken cancellation) =>
        this.Answer(
            await (request with { By = HttpContext.NameOf(request.By) }).Read(name, clock.GetUtcNow()).Then(freeze => freezes.Put(freeze, cancellation)), View);

    /// <summary>All freezes in the order of their names.</summary>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="limit">1 to 500.</param>
    [HttpGet]
    [Needs(Permission.View, Anywhere = true)]
    public async Task<ActionResult<Page<FreezeView>>> List([FromQuery] string? after, [FromQuery] int? limit, CancellationToken cancellation)
    {
        var check = new Validation();
        var page = check.Page(after, limit);
        return check.Fault is { } fault
            ? Answers.Problem(fault)
            : Page<FreezeView>.Of([.. (await freezes.List(page.After, page.Limit + 1, cancellation)).Select(View)], page.Limit, one => one.Name);
    }

    [HttpGet("{name}")]
    [Needs(Permission.View, Anywhere = true)]
    public async Task<ActionResult<FreezeView>> Find(ShortName name, CancellationToken cancellation) =>
        await freezes.Find(name.Value, cancellation) is { } freeze ? View(freeze) : Answers.Problem(Fault.NotFound("freeze", name));

    /// <summary>Removes it, with its overrides.</summary>
    [HttpPost("{name}/remove")]
    [Needs(Permission.Freeze)]
    [Recorded(nameof(Find))]
    public async Task<ActionResult<FreezeView>> Remove(ShortName name, [FromBody] LiftRequest request, CancellationToken cancellation)
    {
        var check = new Validation();
        var (by, reason) = (check.Person(HttpContext.NameOf(request.By)), check.Reason(request.Reason));
        return check.Fault is { } fault ? Answers.Problem(fault) : this.Answer(await freezes.Remove(name.Value, by, reason, cancellation), View);
    }

    private FreezeView View(Freeze freeze) => FreezeView.Of(freeze, clock.GetUtcNow());
}
