using Fury.Hosting;

namespace Fury.Host;

/// <summary>
/// When the host stops, requests under way get a moment to end, and streams, which never end by themselves, get none: otherwise one
/// watcher would use up the time that the modules need to stop.
/// </summary>
internal sealed class Stopping(RequestDelegate next, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task Invoke(HttpContext context)
    {
        var aborted = context.RequestAborted;
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        await using var stopping = lifetime.ApplicationStopping.Register(() => ends.CancelAfter(IsStream(context) ? TimeSpan.Zero : Patience));
        context.RequestAborted = ends.Token;
        await next(context);
        context.RequestAborted = aborted;
    }

    private static bool IsStream(HttpContext context) =>
        context.Request.Headers.Accept.ToString().Contains(ServerSentEvents.MediaType, StringComparison.OrdinalIgnoreCase)
        || context.Request.Query.ContainsKey("follow");
}
