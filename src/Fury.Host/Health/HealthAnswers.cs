using Fury.Hosting;
using Fury.Kernel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Fury.Host;

/// <summary>
/// <c>/healthz/live</c>: the process answers. <c>/healthz/ready</c>: all that modules have registered as health checks is well. 200, or 503;
/// the body names each check. Open to everybody, so it holds no more than that.
/// </summary>
internal static class HealthAnswers
{
    private static readonly OpenToAllAttribute Open = new("whoever watches over the host asks it");

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/healthz/live", new() { Predicate = _ => false, ResponseWriter = Write }).WithMetadata(Open);
        routes.MapHealthChecks("/healthz/ready", new() { ResponseWriter = Write }).WithMetadata(Open);
    }

    private static Task Write(HttpContext context, HealthReport report) => context.Response.WriteAsJsonAsync(
        new
        {
            status = report.Status,
            checks = report.Entries.ToDictionary(entry => entry.Key, entry => new { status = entry.Value.Status, entry.Value.Description }),
        },
        FuryJson.Options,
        context.RequestAborted);
}
