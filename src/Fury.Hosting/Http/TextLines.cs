using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Fury.Hosting;

/// <summary>Writes lines of text as they come.</summary>
public static class TextLines
{
    /// <summary>
    /// Each item as a line. The caller learns at once that the answer begins, however long its first line takes. Returns when they end, or the caller has
    /// gone.
    /// </summary>
    /// <param name="flush">Each line is sent by itself; else as many at once as fit.</param>
    public static async Task Write<T>(HttpResponse response, IAsyncEnumerable<T> lines, bool flush, CancellationToken cancellation)
    {
        response.HttpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        response.ContentType = "text/plain; charset=utf-8";
        try
        {
            await response.StartAsync(cancellation);
            await response.Body.FlushAsync(cancellation);
            await foreach (var line in lines.WithCancellation(cancellation))
            {
                await response.WriteAsync($"{line}\n", cancellation);
                if (flush)
                {
                    await response.Body.FlushAsync(cancellation);
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The caller has seen enough.
        }
    }
}
