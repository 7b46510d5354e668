using System.Text.Json.Serialization;
using Fury.Access.Oidc;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Access.Sessions;

/// <param name="Token">An id token of the provider, for one of Fury's clients.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record SessionRequest(string? Token)
{
    /// <summary>Whoever logs what an action is called with logs no token.</summary>
    public override string ToString() => "SessionRequest(hidden)";
}

/// <summary>What a program needs to log a person in by the device flow (RFC 8628).</summary>
/// <param name="Issuer">Its document says where the flow begins.</param>
internal sealed record LoginSettings(string Issuer, string ClientId, string Scope);

/// <summary>Sessions of persons, for those who log in otherwise than with a browser, and the end of any.</summary>
[ApiController]
[Route("auth")]
[Tags("Access")]
[Produces("application/json")]
internal sealed class SessionsController(OidcCallers persons, LoginDesk desk, SessionStore sessions) : ControllerBase
{
    /// <summary>How to log in; 404 where there is no OpenID provider.</summary>
    [HttpGet("settings")]
    [OpenToAll("who logs in must know where")]
    public ActionResult<LoginSettings> Settings() => persons.Settings is { } settings
        ? new LoginSettings(settings.Issuer, settings.CliClientId, settings.Scope)
        : Answers.Problem(new Fault(FaultKind.NotFound, "No OpenID provider is set: Fury:Auth:Oidc:Issuer."));

    /// <summary>Begins a session with a token of the provider.</summary>
    [HttpPost("session")]
    [OpenToAll("its token says who it is")]
    public async Task<ActionResult<NewSession>> Begin([FromBody] SessionRequest request, CancellationToken cancellation)
    {
        Response.Headers.CacheControl = "no-store";
        var begun = request.Token is { Length: > 0 } token
            ? await desk.Begin(HttpContext, token, null, cancellation)
            : Fault.Invalid("token", null, "an id token of the provider");
        if (!begun.IsOk)
        {
            HttpContext.SignInFails(begun.Fault);
        }

        return begun.Answer();
    }

    /// <summary>Ends the session of the cookie or of the bearer token. What has ended already is no error.</summary>
    [HttpPost("logout")]
    [OpenToAll("it ends only the session that the caller shows")]
    public async Task<IActionResult> End(CancellationToken cancellation)
    {
        string[] shown = [Request.Cookies[SessionCookie.NameOf(Request)] ?? "", Request.Headers.Authorization.ToString().Split(' ')[^1]];
        foreach (var secret in shown.Where(secret => secret.StartsWith(SessionStore.Prefix, StringComparison.Ordinal)))
        {
            await sessions.End(secret, cancellation);
            HttpContext.Changes(new { session = HttpContext.FindCaller()?.Credential }, null);
        }

        SessionCookie.Remove(HttpContext);
        return NoContent();
    }
}
