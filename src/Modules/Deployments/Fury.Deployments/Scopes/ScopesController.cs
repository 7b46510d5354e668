using Fury.Access.Contracts;
using Fury.Deployments.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Deployments.Scopes;

/// <summary>What a scope runs, and what its replicas write.</summary>
[ApiController]
[Route("api/v1/applications/{application}/scopes/{scope}")]
internal sealed class ScopesController(ScopeView view, ScopeLogs logs) : ControllerBase
{
    [HttpGet("status")]
    [Needs(Permission.View)]
    [Produces("application/json")]
    public async Task<ActionResult<ScopeStatus>> Status(ApplicationName application, ScopeName scope, CancellationToken cancellation) =>
        (await view.Status(new ScopeRef(application, scope), cancellation)).Answer();

    /// <summary>The last <c>tail</c> lines (1 to 5000, default 100) of each replica; with <c>follow=true</c> also new ones.</summary>
    [HttpGet("logs")]
    [Needs(Permission.View)]
    public async Task<ActionResult> Logs(
        ApplicationName application,
        ScopeName scope,
        [FromQuery] int? tail,
        [FromQuery] bool? follow,
        CancellationToken cancellation)
    {
        var lines = await logs.Open(new ScopeRef(application, scope), tail ?? ScopeLogs.TailDefault, follow ?? false, cancellation);
        if (!lines.IsOk)
        {
            return Answers.Problem(lines.Fault);
        }

        await TextLines.Write(Response, lines.Value.Lines, follow ?? false, cancellation);
        return new EmptyResult();
    }
}
