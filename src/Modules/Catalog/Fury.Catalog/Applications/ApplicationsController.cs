using Fury.Access.Contracts;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Catalog.Applications;

[ApiController]
[Route("api/v1/applications")]
[Tags("Applications")]
internal sealed class ApplicationsController(ApplicationStore applications, ApplicationList list, IAccess access, TimeProvider clock) : ControllerBase
{
    private const int SearchLengthMax = 100;

    /// <summary>Creates an application (201), repeats it (200), or changes it when If-Match carries its ETag (200).</summary>
    [HttpPut("{application}")]
    [Needs(Permission.Administer)]
    public async Task<ActionResult<Application>> Put(string application, ApplicationRequest request, CancellationToken cancellation)
    {
        var match = IfMatch.Of(Request);
        var wanted = match.Then(_ => request.Read(application, clock.GetUtcNow()));
        var before = wanted.IsOk ? await applications.Find(wanted.Value.Name, cancellation) : wanted.Fault!;
        var put = await wanted.Then(value => applications.Put(value, match.Value, cancellation));
        HttpContext.Changes(before.IsOk ? before.Value : null, put.IsOk ? put.Value.Value : null);
        Response.Tag(put.IsOk ? put.Value.Value.Revision : null);
        return this.Answer(put);
    }

    /// <summary>One application; its ETag is its revision.</summary>
    [HttpGet("{application}")]
    [Needs(Permission.View)]
    public async Task<ActionResult<Application>> Get(string application, CancellationToken cancellation)
    {
        var validation = new Validation();
        var name = validation.Name<ApplicationName>(application);
        if (validation.Fault is { } fault)
        {
            return Answers.Problem(fault);
        }

        var found = await applications.Find(name, cancellation);
        Response.Tag(found.IsOk ? found.Value.Revision : null);
        return found.Answer();
    }

    /// <summary>All applications that the caller may see, in the order of their names; of a search those first whose names begin with it.</summary>
    /// <param name="search">A part of the name or of the team, at most 100 characters.</param>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="limit">1 to 500.</param>
    [HttpGet]
    [Needs(Permission.View, Anywhere = true)]
    public async Task<ActionResult<Page<Application>>> List(
        string? search, string? after, int limit = PageQuery.LimitDefault, CancellationToken cancellation = default)
    {
        var validation = new Validation();
        var page = validation.Page(after, limit);
        validation.Require(
            search is null || (search.Length <= SearchLengthMax && !search.Any(char.IsControl)), search, $"at most {SearchLengthMax} characters on one line");
        if (after is not null)
        {
            validation.Name<ApplicationName>(after);
        }

        if (validation.Fault is { } fault)
        {
            return Answers.Problem(fault);
        }

        var part = string.IsNullOrWhiteSpace(search) ? null : search.Trim().ToLowerInvariant();
        return await list.Read(part, page, await access.Reach(HttpContext.Caller(), Permission.View, cancellation), cancellation);
    }
}
