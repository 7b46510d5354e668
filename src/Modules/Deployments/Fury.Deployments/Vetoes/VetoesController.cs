using Fury.Access.Contracts;
using Fury.Catalog.Contracts;
using Fury.Deployments.Gates;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Deployments.Vetoes;

/// <summary>Why a version must not run.</summary>
/// <param name="Reason">1 to 500 printable characters.</param>
/// <param name="By">Who says so, 1 to 100 printable characters. A proven name stands instead.</param>
internal sealed record VetoRequest(string? Reason, string? By);

/// <summary>Versions of an application that must not run.</summary>
[ApiController]
[Route("api/v1/applications/{application}/vetoes")]
[Tags("Vetoes")]
[Produces("application/json")]
internal sealed class VetoesController(VetoStore vetoes, ICatalog catalog, TimeProvider clock) : ControllerBase
{
    /// <summary>Vetoes a version (201), which need not exist yet, or says why anew (200).</summary>
    [HttpPut("{version}")]
    [Needs(Permission.Freeze)]
    [Recorded]
    public async Task<ActionResult<Veto>> Put(
        ApplicationName application, VersionName version, [FromBody] VetoRequest request, CancellationToken cancellation)
    {
        var check = new Validation();
        var veto = new Veto(application, version, check.Reason(request.Reason), check.Person(HttpContext.NameOf(request.By)), clock.GetUtcNow());
        if (check.Fault is { } fault)
        {
            return Answers.Problem(fault);
        }

        var known = await catalog.FindApplication(application, cancellation);
        return this.Answer(await known.Then(_ => vetoes.Put(veto, cancellation)));
    }

    /// <summary>The vetoes of an application in the order of the versions' names.</summary>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="limit">1 to 500.</param>
    [HttpGet]
    [Needs(Permission.View)]
    public async Task<ActionResult<Page<Veto>>> List(
        ApplicationName application, [FromQuery] string? after, [FromQuery] int? limit, CancellationToken cancellation)
    {
        var check = new Validation();
        var page = check.Page(after, limit);
        if (check.Fault is { } fault)
        {
            return Answers.Problem(fault);
        }

        var known = await catalog.FindApplication(application, cancellation);
        return (await known.Then<Page<Veto>>(async _ =>
            Page<Veto>.Of(await vetoes.List(application, page.After, page.Limit + 1, cancellation), page.Limit, one => one.Version.Value))).Answer();
    }

    /// <summary>From now on the version may run.</summary>
    [HttpPost("{version}/lift")]
    [Needs(Permission.Freeze)]
    [Recorded(Ends = true)]
    public async Task<ActionResult<Veto>> Lift(
        ApplicationName application, VersionName version, [FromBody] LiftRequest request, CancellationToken cancellation)
    {
        var check = new Validation();
        var (by, reason) = (check.Person(HttpContext.NameOf(request.By)), check.Reason(request.Reason));
        return check.Fault is { } fault ? Answers.Problem(fault) : this.Answer(await vetoes.Lift(application, version, by, reason, cancellation));
    }
}
