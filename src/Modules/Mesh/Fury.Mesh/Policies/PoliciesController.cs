using Fury.Access.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Fury.Mesh.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Mesh.Policies;

[ApiController]
[Route("api/v1/applications/{application}/scopes/{scope}/traffic-policy")]
[Tags("Mesh")]
internal sealed class PoliciesController(PolicyStore policies) : ControllerBase
{
    private const int RequestBytesMax = 64 * 1024;

    /// <summary>How proxies treat the scope's traffic; the default when nothing was ever set.</summary>
    [HttpGet]
    [Needs(Permission.View)]
    public async Task<ActionResult<TrafficPolicy>> Get(string application, string scope, CancellationToken cancellation)
    {
        var check = new Validation();
        var name = check.Scope(application, scope);
        return check.Fault is { } fault ? Answers.Problem(fault) : await policies.Find(name, cancellation);
    }

    /// <summary>Replaces the policy, whole. It reaches every proxy that uses the scope within milliseconds, without a connection being lost.</summary>
    [HttpPut]
    [Needs(Permission.Config)]
    [Recorded(nameof(Get))]
    [RequestSizeLimit(RequestBytesMax)]
    public async Task<ActionResult<TrafficPolicy>> Put(string application, string scope, TrafficPolicy policy, CancellationToken cancellation)
    {
        var check = new Validation();
        var name = check.Scope(application, scope);
        if ((check.Fault ?? PolicyRules.Check(policy)) is { } fault)
        {
            return Answers.Problem(fault);
        }

        await policies.Keep(name, policy, cancellation);
        return policy;
    }
}
