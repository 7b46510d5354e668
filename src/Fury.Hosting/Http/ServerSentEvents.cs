using System.Text.Json;
using Fury.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Fury.Hosting;

/// <summary>Writes what comes as it comes, and a sign of life when nothing does.</summary>
public static class ServerSentEvents
{
    public const string MediaType = "text/event-stream";

    /// <summary>So that proxies on the way do not take a quiet stream for a dead one.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>Each item as the JSON of an event that has nothing but data. Returns when they end, or the caller has gone.</summary>
    public static Task Write<T>(HttpResponse response, IAsyncEnumerable<T> items, TimeProvider clock, CancellationToken cancellation) =>
        Write(response, items, item => $"data: {JsonSerializer.Serialize(item, FuryJson.Options)}\n\n", clock, cancellation);

    /// <summary>As the other, with events of the writer's own form.</summary>
    /// <param name="form">The whole event, with the empty line that ends it.</param>
    public static async Task Write<T>(
        HttpResponse response, IAsyncEnumerable<T> items, Func<T, string> form, TimeProvider clock, CancellationToken cancellation)
    {
        response.HttpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-cache";
        response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            await Say(response, ": fury\n\n", cancellation);
            await using var all = items.GetAsyncEnumerator(cancellation);
            while (true)
            {
                var next = all.MoveNextAsync().AsTask();
                while (!next.IsCompleted)
                {
                    using var beat = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                    if (await Task.WhenAny(next, Task.Delay(Heartbeat, clock, beat.Token)) != next)
                    {
                        await Say(response, ": still here\n\n", cancellation);
                    }

                    await beat.CancelAsync();
                }

                if (!await next)
                {
                    return;
                }

                await Say(response, form(all.Current), cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The caller has gone; what it missed it is told when it comes again.
        }
    }

    private static async Task Say(HttpResponse response, string text, CancellationToken cancellation)
    {
        await response.WriteAsync(text, cancellation);
        await response.Body.FlushAsync(cancellation);
    }
}
