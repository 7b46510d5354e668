using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Catalog.Scopes;

[ApiController]
[Route("api/v1/applications/{application}/scopes")]
[Tags("Scopes")]
internal sealed class ScopesController(ScopeStore scopes, TimeProvider clock) : ControllerBase
{
    /// <summary>Creates a scope (201), repeats it (200), or changes it when If-Match carries its ETag (200).</summary>
    [HttpPut("{scope}")]
    [RequestSizeLimit(Reading.RequestBytesMax)]
    public async Task<ActionResult<Scope>> Put(string application, string scope, ScopeRequest request, CancellationToken cancellation)
    {
        var match = IfMatch.Of(Request);
        var wanted = match.Then(_ => request.Read(application, scope, clock.GetUtcNow()));
        var put = await wanted.Then(value => scopes.Put(value, match.Value, cancellation));
        Response.Tag(put.IsOk ? put.Value.Value.Revision : null);
        return this.Answer(put);
    }

    /// <summary>One scope; its ETag is its revision.</summary>
    [HttpGet("{scope}")]
    public async Task<ActionResult<Scope>> Get(string application, string scope, CancellationToken cancellation)
    {
        var validation = new Validation();
        var name = validation.Scope(application, scope);
        if (validation.Fault is { } fault)
        {
            return Answers.Problem(fault);
        }

        var found = await scopes.Find(name, cancellation);
        Response.Tag(found.IsOk ? found.Value.Revision : null);
        return found.Answer();
    }

    /// <summary>The scopes of an application in the order of their names.</summary>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="limit">1 to 500.</param>
    [HttpGet]
    public async Task<ActionResult<Page<Scope>>> List(
        string application, string? after, int limit = PageQuery.LimitDefault, CancellationToken cancellation = default)
    {
        var validation = new Validation();
        var name = validation.Name<ApplicationName>(application);
        var page = validation.Page(after, limit);
        if (after is not null)
        {
            validation.Name<ScopeName>(after);
        }

        return validation.Fault is { } fault ? Answers.Problem(fault) : (await scopes.List(name, page, cancellation)).Answer();
    }
}
