using System.Text.Json.Serialization;
using Fury.Access.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Access.Tokens;

/// <param name="Name">What the audit trail calls it; used once.</param>
/// <param name="Role">What it may do.</param>
/// <param name="On">Where: <c>organisation</c> (when absent), <c>team:payments</c>, <c>application:shop</c> or <c>criticality:low</c>.</param>
/// <param name="Days">How long it lives, 1 to 365; 90 when absent.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TokenRequest(string? Name, string? Role, string? On = null, int? Days = null);

/// <param name="KeepHours">How long the old secret opens too, so that it can be replaced without a gap: 0 (when absent) to 168.</param>
/// <param name="Days">How long it lives from now on, 1 to 365; 90 when absent.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record RotateRequest(int? KeepHours = null, int? Days = null);

/// <summary>Tokens for scripts and other programs.</summary>
[ApiController]
[Route("api/v1/tokens")]
[Tags("Access")]
[Produces("application/json")]
internal sealed class TokensController(TokenDesk desk) : ControllerBase
{
    /// <summary>One's own, or for administrators all, newest first. Secrets are not kept, and so not shown.</summary>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="limit">1 to 500.</param>
    [HttpGet]
    [Needs(Permission.View, Anywhere = true)]
    public async Task<ActionResult<Page<ApiToken>>> List(Guid? after, int limit = PageQuery.LimitDefault, CancellationToken cancellation = default)
    {
        var check = new Validation();
        check.Limit(limit);
        return check.Fault is { } fault ? Answers.Problem(fault) : await desk.List(HttpContext.Caller(), after, limit, cancellation);
    }

    /// <summary>Makes a token (201) that may do no more than its maker. Its secret is in this answer and nowhere else.</summary>
    [HttpPost]
    [Needs(Permission.View, Anywhere = true)]
    public async Task<ActionResult<NewToken>> Create([FromBody] TokenRequest request, CancellationToken cancellation)
    {
        var made = await desk.Create(HttpContext.Caller(), request, cancellation);
        if (!made.IsOk)
        {
            return Answers.Problem(made.Fault);
        }

        HttpContext.Changes(null, made.Value.Token);
        Response.Headers.CacheControl = "no-store";
        return Created("/api/v1/tokens", made.Value);
    }

    /// <summary>Gives it another secret, which is in this answer and nowhere else, and another end.</summary>
    [HttpPost("{name}/rotate")]
    [Needs(Permission.View, Anywhere = true)]
    public async Task<ActionResult<NewToken>> Rotate(string name, [FromBody] RotateRequest request, CancellationToken cancellation)
    {
        var rotated = await desk.Rotate(HttpContext.Caller(), name, request, cancellation);
        HttpContext.Changes(null, rotated.IsOk ? rotated.Value.Token : null);
        Response.Headers.CacheControl = "no-store";
        return rotated.Answer();
    }

    /// <summary>It opens nothing any more. Its name stays taken.</summary>
    [HttpDelete("{name}")]
    [Needs(Permission.View, Anywhere = true)]
    public async Task<ActionResult<ApiToken>> Revoke(string name, CancellationToken cancellation)
    {
        var revoked = await desk.Revoke(HttpContext.Caller(), name, cancellation);
        HttpContext.Changes(null, revoked.IsOk ? revoked.Value : null);
        return revoked.Answer();
    }
}
