namespace Fury.Host;

/// <summary>What every answer tells a browser: run no script but ours, show us in no other page, guess no content type, tell nobody where one was.</summary>
internal sealed class SecurityHeaders(RequestDelegate next)
{
    /// <summary>Of pages: scripts and data come from this host alone, and none stand in the page itself.</summary>
    public const string PagePolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>Of everything else: it is no page.</summary>
    public const string DataPolicy = "default-src 'none'; frame-ancestors 'none'";

    private const string YearOfHttps = "max-age=31536000";

    public Task Invoke(HttpContext context)
    {
        context.Response.OnStarting(() =>
        {
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy =
                context.Response.ContentType?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) == true ? PagePolicy : DataPolicy;
            headers.XContentTypeOptions = "nosniff";
            headers.XFrameOptions = "DENY";
            headers["Referrer-Policy"] = "no-referrer";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
            if (context.Request.IsHttps)
            {
                headers.StrictTransportSecurity = YearOfHttps;
            }

            return Task.CompletedTask;
        });
        return next(context);
    }
}
