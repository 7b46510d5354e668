using Microsoft.AspNetCore.Http;

namespace Fury.Access.Sessions;

/// <summary>A session in a browser: out of reach of scripts, sent to this host alone, and from other sites' pages with links only.</summary>
internal static class SessionCookie
{
    private const string Plain = "fury_session";

    // Browsers take a cookie of this name only from this very host and over https (RFC 6265bis §4.1.3).
    private const string OverHttps = "__Host-fury_session";

    public static string NameOf(HttpRequest request) => request.IsHttps ? OverHttps : Plain;

    public static void Set(HttpContext context, string secret, DateTimeOffset expires) =>
        context.Response.Cookies.Append(NameOf(context.Request), secret, Options(context, expires));

    public static void Remove(HttpContext context) =>
        context.Response.Cookies.Append(NameOf(context.Request), "", Options(context, DateTimeOffset.UnixEpoch));

    public static CookieOptions Options(HttpContext context, DateTimeOffset expires) => new()
    {
        HttpOnly = true,
        Secure = context.Request.IsHttps,
        SameSite = SameSiteMode.Lax,
        Path = "/",
        Expires = expires,
        IsEssential = true,
    };
}
