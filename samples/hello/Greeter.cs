using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Hello;

/// <summary>Answers requests, well or badly, as the settings say.</summary>
internal sealed class Greeter(Settings settings)
{
    private static readonly TimeSpan LatencyMax = TimeSpan.FromSeconds(60);

    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly byte[] _greeting = JsonSerializer.SerializeToUtf8Bytes(
        new Greeting($"Hello from version {settings.Version}", settings.Version, settings.Scope, settings.Instance),
        HelloJson.Default.Greeting);

    private long _requests;

    private bool Started => Stopwatch.GetElapsedTime(_started) >= settings.Startup;

    /// <summary>GET /health: 200 once it can serve, else 503.</summary>
    public Task Health(HttpContext context)
    {
        context.Response.StatusCode = Started && !settings.Unhealthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return Task.CompletedTask;
    }

    /// <summary>GET /, with <c>?latency=milliseconds</c> for a slow answer.</summary>
    public async Task Greet(HttpContext context)
    {
        var number = Interlocked.Increment(ref _requests);
        if (settings.CrashAfterRequests > 0 && number > settings.CrashAfterRequests)
        {
            // A crash, not an exit: nothing is flushed, finished or answered.
            Process.GetCurrentProcess().Kill();
        }

        var latency = Latency(context.Request.Query["latency"]);
        if (latency > TimeSpan.Zero)
        {
            await Task.Delay(latency, context.RequestAborted);
        }

        var response = context.Response;
        response.Headers["x-version"] = settings.Version;
        response.StatusCode = !Started ? StatusCodes.Status503ServiceUnavailable
            : IsError(number) ? StatusCodes.Status500InternalServerError
            : StatusCodes.Status200OK;
        response.ContentType = "application/json";
        response.ContentLength = _greeting.Length;
        await response.Body.WriteAsync(_greeting, context.RequestAborted);
    }

    private TimeSpan Latency(string? asked)
    {
        var latency = double.TryParse(asked, NumberStyles.Float, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds > 0
            ? settings.Latency + TimeSpan.FromMilliseconds(Math.Min(milliseconds, LatencyMax.TotalMilliseconds))
            : settings.Latency;
        return latency < LatencyMax ? latency : LatencyMax;
    }

    /// <summary>Evenly spread instead of by chance: of any n requests in a row, rate × n fail, give or take one.</summary>
    private bool IsError(long number) => Math.Floor(number * settings.ErrorRate) > Math.Floor((number - 1) * settings.ErrorRate);
}
