using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Hello;

/// <summary>Answers requests, well or badly, as the settings say.</summary>
internal sealed class Greeter(Faults faults)
{
    private static readonly TimeSpan LatencyMax = TimeSpan.FromSeconds(60);

    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly byte[] _greeting = JsonSerializer.SerializeToUtf8Bytes(
        new Greeting($"Hello from version {faults.Now.Version}", faults.Now.Version, faults.Now.Scope, faults.Now.Instance),
        HelloJson.Default.Greeting);

    private long _requests;

    private bool Started => Stopwatch.GetElapsedTime(_started) >= faults.Now.Startup;

    /// <summary>GET /health: 200 once it can serve, else 503.</summary>
    public Task Health(HttpContext context)
    {
        DieIf(faults.Now.Crash);
        context.Response.StatusCode = Started && !faults.Now.Unhealthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return Task.CompletedTask;
    }

    /// <summary>GET /, with <c>?latency=milliseconds</c> for a slow answer.</summary>
    public async Task Greet(HttpContext context)
    {
        var (number, settings) = (Interlocked.Increment(ref _requests), faults.Now);
        DieIf(settings.Crash || (settings.CrashAfterRequests > 0 && number > settings.CrashAfterRequests));
        var latency = Latency(settings.Latency, context.Request.Query["latency"]);
        if (latency > TimeSpan.Zero)
        {
            await Task.Delay(latency, context.RequestAborted);
        }

        var response = context.Response;
        response.Headers["x-version"] = settings.Version;
        response.StatusCode = !Started ? StatusCodes.Status503ServiceUnavailable
            : IsError(number, settings.ErrorRate) ? StatusCodes.Status500InternalServerError
            : StatusCodes.Status200OK;
        response.ContentType = "application/json";
        response.ContentLength = _greeting.Length;
        await response.Body.WriteAsync(_greeting, context.RequestAborted);
    }

    /// <summary>A crash, not an exit: nothing is flushed, finished or answered.</summary>
    private static void DieIf(bool crashes)
    {
        if (crashes)
        {
            Process.GetCurrentProcess().Kill();
        }
    }

    private static TimeSpan Latency(TimeSpan least, string? asked)
    {
        var latency = double.TryParse(asked, NumberStyles.Float, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds > 0
            ? least + TimeSpan.FromMilliseconds(Math.Min(milliseconds, LatencyMax.TotalMilliseconds))
            : least;
        return latency < LatencyMax ? latency : LatencyMax;
    }

    /// <summary>Evenly spread instead of by chance: of any n requests in a row, rate × n fail, give or take one.</summary>
    private static bool IsError(long number, double rate) => Math.Floor(number * rate) > Math.Floor((number - 1) * rate);
}
