using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Fury.Access.Contracts;
using Fury.Hosting;
using Fury.Kernel;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Fury.Host;

/// <summary>
/// Who calls: by the token of the settings, an API token, a session (in a cookie too), or a token of the OpenID provider. On a host that is not guarded only
/// this machine can reach the API, and whoever shows nothing counts as its administrator.
/// </summary>
internal sealed class TokenAuthentication(
    HostSettings settings,
    ICallers callers,
    SignInLimits limits,
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Name = "Bearer";

    // What the module Access gives to browsers. Over https only the name that no other host can set is believed.
    private const string CookieOverHttps = "__Host-fury_session";
    private const string Cookie = "fury_session";
    private const string Prefix = "Bearer ";
    private const string CookieItem = "fury.cookie";

    /// <summary>The browser has shown who calls without being asked: so whatever changes something must come from a page of ours.</summary>
    public static bool IsByCookie(HttpContext context) => context.Items.ContainsKey(CookieItem);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Context.GetEndpoint()?.Metadata.GetMetadata<IDeclaresAccess>() is WorkloadOnlyAttribute or AgentSignedAttribute)
        {
            // They look at what they are shown themselves, and have no limit: so nobody makes the host look up tokens by them.
            return AuthenticateResult.NoResult();
        }

        var header = Request.Headers.Authorization.ToString();
        var shown = header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? header[Prefix.Length..].Trim() : null;
        if (settings.Token is not null && shown is not null && Same(shown, settings.Token))
        {
            return Known(Caller.Bootstrap);
        }

        if (header.Length == 0 && Request.Cookies[Request.IsHttps ? CookieOverHttps : Cookie] is { Length: > 0 } cookie)
        {
            shown = cookie;
            Context.Items[CookieItem] = true;
        }

        // Tools may carry a token that is meant for another host; only what looks like one of ours is taken seriously on one that asks for none.
        if (!settings.IsGuarded && shown?.StartsWith("fury", StringComparison.Ordinal) != true)
        {
            return Known(Caller.Local);
        }

        if (shown is null)
        {
            return AuthenticateResult.NoResult();
        }

        var from = Context.Connection.RemoteIpAddress;
        if (!limits.Allows(from, shown))
        {
            return Fails(new(FaultKind.Throttled, "Too much that opens nothing has come from this address. Try again in a second."));
        }

        var caller = await callers.Identify(shown, $"{from}", Context.RequestAborted);
        if (caller.IsOk)
        {
            limits.Opened(shown);
            return Known(caller.Value);
        }

        if (caller.Fault.Kind == FaultKind.Unauthenticated)
        {
            limits.Failed(from, shown);
        }

        return Fails(caller.Fault);
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var fault = Context.FindFailedSignIn()
            ?? new Fault(FaultKind.Unauthenticated, "This needs a token, as the header 'Authorization: Bearer <token>', or a session: see /api/v1/me.");
        if (fault.Kind == FaultKind.Unauthenticated)
        {
            Response.Headers[HeaderNames.WWWAuthenticate] = Name;
        }
        else if (fault.Kind == FaultKind.Throttled)
        {
            Response.Headers.RetryAfter = "1";
        }

        return Problems.Write(Context, fault);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Problems.Write(Context, new Fault(FaultKind.Forbidden, "You may not do this."));

    /// <summary>Takes the same time wherever the first difference is; hashing hides the length too.</summary>
    private static bool Same(string given, string right) => CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(right)));

    private AuthenticateResult Fails(Fault fault)
    {
        Context.SignInFails(fault);
        return AuthenticateResult.Fail(fault.Message);
    }

    private AuthenticateResult Known(Caller caller)
    {
        Context.SetCaller(caller);
        return AuthenticateResult.Success(new(new(new ClaimsIdentity([new Claim(ClaimTypes.Name, caller.Name)], Name)), Name));
    }
}
