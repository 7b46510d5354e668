using Fury.Agent.Wire;
using Fury.Kernel;
using Fury.Processes;
using Microsoft.AspNetCore.Http.Features;

namespace Fury.Agent;

/// <summary>What the platform asks an agent. Nothing is answered without the lot's signature.</summary>
internal static class AgentApi
{
    private const int TailDefault = 100;
    private const int Unauthenticated = StatusCodes.Status401Unauthorized;

    public static void Map(WebApplication app)
    {
        app.Use(Guard);
        app.MapGet(AgentPaths.Status, (Reporter reporter) => Results.Json(reporter.Status, FuryJson.Options));
        app.MapGet(AgentPaths.Logs, Logs);
    }

    private static Task Guard(HttpContext context, RequestDelegate next)
    {
        var (config, clock) = (context.RequestServices.GetRequiredService<AgentConfig>(), context.RequestServices.GetRequiredService<TimeProvider>());
        var problem = AgentSignature.Problem(
            context.Request.Headers[AgentSignature.Header].ToString(),
            lot => lot == config.Lot ? config.Secret : null,
            new(context.Request.Method, context.Features.Get<IHttpRequestFeature>()!.RawTarget),
            clock.GetUtcNow());
        return problem is null ? next(context) : Results.Problem(title: problem.Message, statusCode: Unauthenticated).ExecuteAsync(context);
    }

    private static async Task Logs(
        HttpContext context, AppProcess process, TimeProvider clock, IHostApplicationLifetime life, int tail = TailDefault, bool follow = false)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, life.ApplicationStopping);
        context.Response.ContentType = "text/plain; charset=utf-8";
        try
        {
            await context.Response.StartAsync(ends.Token);
            await context.Response.Body.FlushAsync(ends.Token);
            await foreach (var line in OutputLog.Read(process.Logs, tail, follow, clock, ends.Token))
            {
                await context.Response.WriteAsync($"{line}\n", ends.Token);
                if (follow)
                {
                    await context.Response.Body.FlushAsync(ends.Token);
                }
            }
        }
        catch (OperationCanceledException) when (ends.IsCancellationRequested)
        {
            // The caller has seen enough, or the agent ends.
        }
    }
}
