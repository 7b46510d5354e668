using System.Net;
using Fury.Kernel;

namespace Fury.Host;

/// <summary>
/// Without a token the API trusts this machine, and a browser on it would carry a stranger's request here: by a host name that the stranger
/// lets resolve to 127.0.0.1 (DNS rebinding), or by a plain cross-site POST. So the host name must be a local one, and so must the origin.
/// </summary>
internal sealed class LoopbackGuard(RequestDelegate next)
{
    public Task Invoke(HttpContext context)
    {
        var origin = context.Request.Headers.Origin.ToString();
        if (!IsLocal(context.Request.Host.Host))
        {
            return Refuse(context, "Call this API by localhost, 127.0.0.1 or [::1]. To serve it under other names, set Fury:Auth:Token.");
        }

        return origin.Length == 0 || (Uri.TryCreate(origin, UriKind.Absolute, out var page) && IsLocal(page.Host))
            ? next(context)
            : Refuse(context, "A page of another site may not call this API.");
    }

    public static bool IsLocal(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static Task Refuse(HttpContext context, string message) => Problems.Write(context, new Fault(FaultKind.Forbidden, message));
}
