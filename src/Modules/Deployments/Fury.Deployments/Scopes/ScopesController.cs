using Fury.Deployments.Contracts;
using Fury.Deployments.Deployments;
using Fury.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Deployments.Scopes;

/// <summary>What a scope runs, and what its replicas write.</summary>
[ApiController]
[Route("api/v1/applications/{application}/scopes/{scope}")]
internal sealed class ScopesController(ScopeView view, ScopeLogs logs) : ControllerBase
{
    [HttpGet("status")]
    [Produces("application/json")]
    public async Task<ActionResult<ScopeStatus>> Status(string application, string scope, CancellationToken cancellation)
    {
        var where = DeploymentsController.ScopeOf(application, scope);
        return where.IsOk ? (await view.Status(where.Value, cancellation)).Answer() : Answers.Problem(where.Fault);
    }

    /// <summary>The last <c>tail</c> lines (1 to 5000, default 100) of each replica; with <c>follow=true</c> also new ones.</summary>
    [HttpGet("logs")]
    public async Task<ActionResult> Logs(
        string application,
        string scope,
        [FromQuery] int? tail,
        [FromQuery] bool? follow,
        CancellationToken cancellation)
    {
        var where = DeploymentsController.ScopeOf(application, scope);
        if (!where.IsOk)
        {
            return Answers.Problem(where.Fault);
        }

        var lines = await logs.Open(where.Value, tail ?? ScopeLogs.TailDefault, follow ?? false, cancellation);
        if (!lines.IsOk)
        {
            return Answers.Problem(lines.Fault);
        }

        HttpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        Response.ContentType = "text/plain; charset=utf-8";
        try
        {
            await Response.StartAsync(cancellation);
            await foreach (var line in lines.Value.Lines.WithCancellation(cancellation))
            {
                await Response.WriteAsync(line + "\n", cancellation);
                if (follow == true)
                {
                    await Response.Body.FlushAsync(cancellation);
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The caller has seen enough.
        }

        return new EmptyResult();
    }
}
