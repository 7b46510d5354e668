using Fury.Access.Contracts;
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
    [Needs(Permission.Config)]
    [RequestSizeLimit(Reading.RequestBytesMax)]
    public async Task<ActionResult<Scope>> Put(string application, string scope, ScopeRequest request, CancellationToken cancellation)
    {
        var match = IfMatch.Of(Request);
        if (!match.IsOk)
        {
            return Answers.Problem(match.Fault);
        }

        var wanted = request.Read(application, scope, clock.GetUtcNow());
        var before = wanted.IsOk ? await scopes.Find(wanted.Value.Ref, cancellation) : wanted.Fault!;
        return await Put(before.IsOk ? before.Value : null, wanted, match.Value, cancellation);
    }

    /// <summary>
    /// Changes how many replicas run, and nothing else. If-Match may carry the scope's ETag. A scope whose size follows the clock or requests is a 409.
    /// </summary>
    [HttpPut("{scope}/replicas")]
    [Needs(Permission.Scale)]
    public async Task<ActionResult<Scope>> Resize(ApplicationName application, ScopeName scope, ReplicasRequest request, CancellationToken cancellation)
    {
        var match = IfMatch.Of(Request);
        var before = await match.Then(_ => scopes.Find(new(application, scope), cancellation));
        var wanted = before.Then<Scope>(present => request.Of(present));
        if (!wanted.IsOk)
        {
            return Answers.Problem(wanted.Fault);
        }

        // Who names no revision means the one that was just read: a change between the two is not undone.
        var known = match.Value is { Given: true, Any: false } ? match.Value : new IfMatch(true, false, [IfMatch.Tag(before.Value.Revision)]);
        return await Put(before.Value, wanted, known, cancellation);
    }

    /// <summary>One scope; its ETag is its revision.</summary>
    [HttpGet("{scope}")]
    [Needs(Permission.View)]
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
    [Needs(Permission.View)]
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

    private async Task<ActionResult<Scope>> Put(Scope? before, Outcome<Scope> wanted, IfMatch match, CancellationToken cancellation)
    {
        var put = await wanted.Then(value => scopes.Put(value, match, cancellation));
        Response.Tag(put.IsOk ? put.Value.Value.Revision : null);
        HttpContext.Changes(before is null ? null : WithoutValues(before), put.IsOk ? WithoutValues(put.Value.Value) : null);
        return this.Answer(put);
    }

    private static Scope WithoutValues(Scope scope) => scope with { Environment = scope.Environment.WithoutValues() };
}
