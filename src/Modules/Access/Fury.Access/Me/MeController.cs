using System.Text.Json.Serialization;
using Fury.Access.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Access.Me;

/// <param name="Name">Null: nobody has said who it is.</param>
/// <param name="Via">local, bootstrap, token or user; none without a name.</param>
/// <param name="Permissions">On the application and scope of the question, or where it names none on anything at all.</param>
/// <param name="Login">Where a browser begins to log in; null: there is no way, or no need.</param>
internal sealed record MeView(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Name,
    string Via,
    IReadOnlyList<Permission> Permissions,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Login);

[ApiController]
[Route("api/v1/me")]
[Tags("Access")]
[Produces("application/json")]
internal sealed class MeController(IAccess access, ICallers callers) : ControllerBase
{
    /// <summary>Who calls, what it may do, and how to log in. <c>POST /auth/logout</c> ends the session of a browser.</summary>
    [HttpGet]
    [OpenToAll("it says only what the caller knows, and where to log in")]
    public async Task<ActionResult<MeView>> Get(string? application, string? scope, CancellationToken cancellation)
    {
        Response.Headers.CacheControl = "no-store";
        if (HttpContext.FindCaller() is not { } caller)
        {
            return new MeView(null, "none", [], callers.Login);
        }

        var check = new Validation();
        var target = application is null ? null : new Target(
            check.Name<ApplicationName>(application), scope is null ? null : check.Name<ScopeName>(scope));
        if (check.Fault is { } fault)
        {
            return Answers.Problem(fault);
        }

        var permissions = await access.Permissions(caller, target, cancellation);
        return new MeView(caller.Name, Word.Of(caller.Kind), permissions, caller.Kind == CallerKind.Local ? null : callers.Login);
    }
}
