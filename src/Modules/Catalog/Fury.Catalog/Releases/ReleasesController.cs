using Fury.Access.Contracts;
using Fury.Catalog.Contracts;
using Fury.Catalog.Scopes;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Catalog.Releases;

[ApiController]
[Route("api/v1")]
[Tags("Releases")]
internal sealed class ReleasesController(ScopeStore scopes, ReleaseStore releases) : ControllerBase
{
    /// <summary>One release, whatever its scope.</summary>
    [HttpGet("releases/{release}")]
    [Needs(Permission.View, Subject = typeof(ReleaseSubject))]
    public async Task<ActionResult<Release>> Get(string release, CancellationToken cancellation)
    {
        var validation = new Validation();
        var id = validation.Name<ReleaseId>(release);
        return validation.Fault is { } fault ? Answers.Problem(fault) : (await releases.Find(id, cancellation)).Answer();
    }

    /// <summary>The releases of a scope, newest first. Deployments freeze them; nobody else makes one.</summary>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="limit">1 to 500.</param>
    [HttpGet("applications/{application}/scopes/{scope}/releases")]
    [Needs(Permission.View)]
    public async Task<ActionResult<Page<Release>>> List(
        string application, string scope, string? after, int limit = PageQuery.LimitDefault, CancellationToken cancellation = default)
    {
        var validation = new Validation();
        var name = validation.Scope(application, scope);
        var page = validation.Page(after, limit);
        if (after is not null)
        {
            validation.Name<ReleaseId>(after);
        }

        if (validation.Fault is { } fault)
        {
            return Answers.Problem(fault);
        }

        var known = await scopes.Find(name, cancellation);
        return known.IsOk ? await releases.List(name, page, cancellation) : Answers.Problem(known.Fault);
    }
}
