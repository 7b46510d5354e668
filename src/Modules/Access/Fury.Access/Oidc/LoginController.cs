using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Fury.Access.Sessions;
using Fury.Access.Tokens;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Mvc;

namespace Fury.Access.Oidc;

/// <summary>Logging in with a browser: authorisation code with PKCE (RFC 6749 §4.1, RFC 7636).</summary>
[ApiController]
[Route("auth")]
[ApiExplorerSettings(IgnoreApi = true)]
internal sealed class LoginController(OidcCallers persons, LoginStore logins, LoginDesk desk, TimeProvider clock) : ControllerBase
{
    private const string PlainStateCookie = "fury_login";

    /// <summary>Over https no other host of the same domain can set it, and so log somebody in as another.</summary>
    private const string StateCookieOverHttps = "__Host-fury_login";

    /// <summary>Sends the browser to the provider.</summary>
    /// <param name="returnTo">Where it comes back to: a path of this host.</param>
    [HttpGet("login")]
    [OpenToAll("who logs in is not known yet")]
    public async Task<IActionResult> Login([FromQuery(Name = "return")] string? returnTo, CancellationToken cancellation)
    {
        if (persons is not { Provider: { } provider, Settings: { } settings })
        {
            return Answers.Problem(new Fault(FaultKind.NotFound, "No OpenID provider is set: Fury:Auth:Oidc:Issuer."));
        }

        var document = await provider.Document(cancellation);
        if (!document.IsOk)
        {
            return Fails("away", document.Fault);
        }

        var (state, login) = (Secret.New(), new Login(Secret.New(), Secret.New(), IsLocalPath(returnTo) ? returnTo! : "/"));
        if (!await logins.Begin(state, login, $"{HttpContext.Connection.RemoteIpAddress}", cancellation))
        {
            return Answers.Problem(new Fault(FaultKind.Throttled, "Too many logins are under way. Try again in some minutes."));
        }

        // The answer must come to the browser that has asked: somebody else's answer would log this one in as somebody else.
        Response.Cookies.Append(StateCookie, state, SessionCookie.Options(HttpContext, clock.GetUtcNow() + LoginStore.Life));
        var query = new QueryBuilder
        {
            { "response_type", "code" },
            { "client_id", settings.ClientId },
            { "redirect_uri", Callback },
            { "scope", settings.Scope },
            { "state", state },
            { "nonce", login.Nonce },
            { "code_challenge", Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(login.Verifier))) },
            { "code_challenge_method", "S256" },
        };
        var address = document.Value.Authorization;
        return Redirect($"{address}{(address.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{query.ToString()[1..]}");
    }

    /// <summary>Where the provider sends the browser back to.</summary>
    [HttpGet("callback")]
    [OpenToAll("who logs in is known at its end")]
    public async Task<IActionResult> Back(string? state, string? code, string? error, CancellationToken cancellation)
    {
        var known = Request.Cookies[StateCookie];
        Response.Cookies.Append(StateCookie, "", SessionCookie.Options(HttpContext, DateTimeOffset.UnixEpoch));
        if (persons.Provider is not { } provider || string.IsNullOrEmpty(state) || known != state || await logins.Take(state, cancellation) is not { } login)
        {
            return Fails("late", new(FaultKind.Unauthenticated, "This login was not begun here, or took too long. Begin again at /auth/login."));
        }

        if (string.IsNullOrEmpty(code))
        {
            var why = error is { Length: <= 100 } && error.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_') ? error : "no code";
            return Fails("refused", new(FaultKind.Unauthenticated, $"The provider has let nobody in: {why}."));
        }

        var token = await provider.Redeem(code, login.Verifier, Callback, cancellation);
        var begun = await token.Then(text => desk.Begin(HttpContext, text, login.Nonce, cancellation));
        if (!begun.IsOk)
        {
            return Fails(begun.Fault.Kind == FaultKind.Unavailable ? "away" : "refused", begun.Fault);
        }

        SessionCookie.Set(HttpContext, begun.Value.Token, begun.Value.ExpiresAt);
        return LocalRedirect(login.ReturnTo);
    }

    /// <summary>A person at a browser is told on a page of ours, in one of its sentences; a program by the fault itself.</summary>
    private ActionResult Fails(string why, Fault fault)
    {
        HttpContext.SignInFails(fault);
        return Request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase))
            ? LocalRedirect($"/signed-in?why={why}")
            : Answers.Problem(fault);
    }

    private string Callback => UriHelper.BuildAbsolute(Request.Scheme, Request.Host, Request.PathBase, "/auth/callback");

    private string StateCookie => Request.IsHttps ? StateCookieOverHttps : PlainStateCookie;

    /// <summary>No other host: browsers read // and /\ as the beginning of one.</summary>
    private static bool IsLocalPath(string? path) =>
        path is ['/', ..] and { Length: <= 500 } && path is not ['/', '/' or '\\', ..] && path.All(letter => letter is > ' ' and <= '~');
}
