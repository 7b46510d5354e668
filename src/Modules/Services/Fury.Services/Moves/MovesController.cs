using Fury.Access.Contracts;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Services.Moves;

[ApiController]
[Route("api/v1/applications/{application}/scopes/{scope}")]
[Tags("Services")]
internal sealed class MovesController(MoveDesk desk) : ControllerBase
{
    // A name may have one slash in it.
    private const string One = "services/{kind}/{service}/move";
    private const string Two = "services/{kind}/{parent}/{service}/move";

    /// <summary>
    /// Moves the data of a bound service to another provider while it is used (202): it goes on by itself, over any crash. 409 with every reason when a gate is
    /// closed, and nothing was changed.
    /// </summary>
    [HttpPost(One)]
    [HttpPost(Two)]
    [Needs(Permission.Config)]
    [Recorded(nameof(Find))]
    [RequestSizeLimit(16 * 1024)]
    public async Task<ActionResult<MoveView>> Begin(
        string application, string scope, string kind, string? parent, string service, MoveRequest request, CancellationToken cancellation)
    {
        var begun = await (request with { By = HttpContext.NameOf(request.By) }).Read(application, scope, kind, Full(parent, service))
            .Then(wish => desk.Begin(wish, cancellation));
        return begun.IsOk ? Accepted(Request.Path.ToUriComponent(), begun.Value) : Answers.Problem(begun.Fault);
    }

    /// <summary>The newest move of the service: the step that it is at, what it waits for, how many keys it has seen.</summary>
    [HttpGet(One)]
    [HttpGet(Two)]
    [Needs(Permission.View)]
    public async Task<ActionResult<MoveView>> Find(
        string application, string scope, string kind, string? parent, string service, CancellationToken cancellation) =>
        (await Name(application, scope, kind, Full(parent, service)).Then(name => desk.Find(name, cancellation))).Answer();

    /// <summary>Turns the move round: all comes back to where it was. 409 where there is no way back any more.</summary>
    [HttpDelete(One)]
    [HttpDelete(Two)]
    [Needs(Permission.Config)]
    [Recorded(nameof(Find))]
    public async Task<ActionResult<MoveView>> Back(
        string application, string scope, string kind, string? parent, string service, CancellationToken cancellation) =>
        (await Name(application, scope, kind, Full(parent, service)).Then(name => desk.Back(name, cancellation))).Answer();

    /// <summary>The newest move of each service of the scope.</summary>
    [HttpGet("moves")]
    [Needs(Permission.View)]
    public async Task<ActionResult<IReadOnlyList<MoveView>>> List(string application, string scope, CancellationToken cancellation)
    {
        var validation = new Validation();
        var name = validation.Scope(application, scope);
        return validation.Fault is { } fault ? Answers.Problem(fault) : Ok(await desk.All(name, cancellation));
    }

    private static string Full(string? parent, string service) => parent is null ? service : $"{parent}/{service}";

    private static Outcome<BoundService> Name(string application, string scope, string kind, string service)
    {
        var validation = new Validation();
        var name = BoundService.Read(validation, application, scope, kind, service);
        return validation.Fault is { } fault ? fault : name;
    }
}
