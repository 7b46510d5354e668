using Fury.Access.Contracts;
using Fury.Catalog.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Catalog.Services;

[ApiController]
[Route("api/v1/applications/{application}/services")]
[Tags("Services")]
internal sealed class ServicesController(ServiceStore services, TimeProvider clock) : ControllerBase
{
    /// <summary>Declares a cloud service of the application (201), or repeats it (200).</summary>
    /// <param name="kind">objects, key-value, queue, topic, stream, cache, secrets, configuration, locks or sequences.</param>
    [HttpPut("{kind}/{**service}")]
    [Needs(Permission.Config)]
    [Recorded]
    public async Task<ActionResult<Service>> Put(string application, string kind, string service, CancellationToken cancellation)
    {
        var validation = new Validation();
        var wanted = new Service(
            validation.Name<ApplicationName>(application),
            validation.Choice(kind, ServiceKind.Objects),
            validation.Name<ServiceName>(service),
            clock.GetUtcNow());
        return validation.Fault is { } fault ? Answers.Problem(fault) : this.Answer(await services.Put(wanted, cancellation));
    }

    /// <summary>The services of an application by kind and name.</summary>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="limit">1 to 500.</param>
    [HttpGet]
    [Needs(Permission.View)]
    public async Task<ActionResult<Page<Service>>> List(
        string application, string? after, int limit = PageQuery.LimitDefault, CancellationToken cancellation = default)
    {
        var validation = new Validation();
        var name = validation.Name<ApplicationName>(application);
        var page = validation.Page(after, limit);
        var last = after is null ? null : Last(validation, after);
        return validation.Fault is { } fault ? Answers.Problem(fault) : (await services.List(name, last, page.Limit, cancellation)).Answer();
    }

    private static (ServiceKind, ServiceName)? Last(Validation validation, string after)
    {
        if (after.Split(':', 2) is [var kind, var name] && Word.Find<ServiceKind>(kind) is { } known && ServiceName.TryParse(name, out var service))
        {
            return (known, service);
        }

        validation.Require(false, after, "the next of the page before");
        return null;
    }
}
