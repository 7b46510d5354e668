using Fury.Access.Contracts;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Catalog.Versions;

[ApiController]
[Route("api/v1/applications/{application}/versions")]
[Tags("Versions")]
internal sealed class VersionsController(VersionRegistry registry, VersionStore versions) : ControllerBase
{
    /// <summary>Registers a version from a folder or file on the host's machine (201), or repeats it (200). A version never changes.</summary>
    [HttpPut("{version}")]
    [Needs(Permission.CreateVersion)]
    [Recorded(nameof(Seen))]
    [RequestSizeLimit(Reading.RequestBytesMax)]
    public async Task<ActionResult<ApplicationVersion>> Put(
        string application, string version, VersionRequest request, CancellationToken cancellation) =>
        this.Answer(await request.Read(application, version).Then(wish => registry.Register(wish, cancellation)));

    /// <summary>One version.</summary>
    [HttpGet("{version}")]
    [Needs(Permission.View)]
    public async Task<ActionResult<ApplicationVersion>> Get(string application, string version, CancellationToken cancellation)
    {
        var validation = new Validation();
        var applicationName = validation.Name<ApplicationName>(application);
        var versionName = validation.Name<VersionName>(version);
        return validation.Fault is { } fault
            ? Answers.Problem(fault)
            : (await versions.Find(applicationName, versionName, cancellation)).Answer();
    }

    /// <summary>For the audit trail.</summary>
    private async Task<ApplicationVersion?> Seen(string application, string version, CancellationToken cancellation) =>
        ApplicationName.TryParse(application, out var its) && VersionName.TryParse(version, out var name)
        && await versions.Find(its, name, cancellation) is { IsOk: true } found
            ? found.Value with { Environment = found.Value.Environment.WithoutValues() }
            : null;

    /// <summary>The versions of an application, highest first in the order of Semantic Versioning.</summary>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="limit">1 to 500.</param>
    [HttpGet]
    [Needs(Permission.View)]
    public async Task<ActionResult<Page<ApplicationVersion>>> List(
        string application, string? after, int limit = PageQuery.LimitDefault, CancellationToken cancellation = default)
    {
        var validation = new Validation();
        var name = validation.Name<ApplicationName>(application);
        var page = validation.Page(after, limit);
        VersionName? last = after is null ? null : validation.Name<VersionName>(after);
        return validation.Fault is { } fault
            ? Answers.Problem(fault)
            : (await versions.List(name, last, page.Limit, cancellation)).Answer();
    }
}
