using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Catalog.Applications;

[ApiController]
[Route("api/v1/applications")]
[Tags("Applications")]
internal sealed class ApplicationsController(ApplicationStore applications, TimeProvider clock) : ControllerBase
{
    /// <summary>Creates an application (201), repeats it (200), or changes it when If-Match carries its ETag (200).</summary>
    [HttpPut("{application}")]
    public async Task<ActionResult<Application>> Put(string application, ApplicationRequest request, CancellationToken cancellation)
    {
        var match = IfMatch.Of(Request);
        var wanted = match.Then(_ => request.Read(application, clock.GetUtcNow()));
        var put = await wanted.Then(value => applications.Put(value, match.Value, cancellation));
        Response.Tag(put.IsOk ? put.Value.Value.Revision : null);
        return this.Answer(put);
    }

    /// <summary>One application; its ETag is its revision.</summary>
    [HttpGet("{application}")]
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

    /// <summary>All applications in the order of their names.</summary>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="limit">1 to 500.</param>
    [HttpGet]
    public async Task<ActionResult<Page<Application>>> List(
        string? after, int limit = PageQuery.LimitDefault, CancellationToken cancellation = default)
    {
        var validation = new Validation();
        var page = validation.Page(after, limit);
        if (after is not null)
        {
            validation.Name<ApplicationName>(after);
        }

        return validation.Fault is { } fault ? Answers.Problem(fault) : await applications.List(page, cancellation);
    }
}
