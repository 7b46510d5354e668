using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Fury.Kernel;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Fury.Host;

/// <summary>
/// Who calls. With a token set, whoever carries it as <c>Authorization: Bearer</c>; without one only this machine can reach the API, and
/// every caller counts as its user.
/// </summary>
internal sealed class TokenAuthentication(
    HostSettings settings, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Name = "Bearer";
    private const string Prefix = "Bearer ";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (settings.Token is null)
        {
            return Task.FromResult(Known("local"));
        }

        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        return Task.FromResult(Same(header[Prefix.Length..].Trim(), settings.Token) ? Known("token") : AuthenticateResult.Fail("Another token."));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers[HeaderNames.WWWAuthenticate] = Name;
        return Problems.Write(Context, new Fault(FaultKind.Unauthenticated,
            "This needs the platform's token, as the header 'Authorization: Bearer <token>'."));
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Problems.Write(Context, new Fault(FaultKind.Forbidden, "You may not do this."));

    /// <summary>Takes the same time wherever the first difference is; hashing hides the length too.</summary>
    private static bool Same(string given, string right) => CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(right)));

    private static AuthenticateResult Known(string name) =>
        AuthenticateResult.Success(new(new(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], Name)), Name));
}
