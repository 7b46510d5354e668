using System.Diagnostics;
using System.Net;
using Fury.Testing;

namespace Fury.Benchmarks;

/// <summary>The sample application without the platform: how long it takes by itself from the start of its process to its first healthy answer.</summary>
internal static class SampleProcess
{
    private const int Port = 18080;
    private static readonly TimeSpan HealthyWithin = TimeSpan.FromSeconds(30);

    public static async Task<double> StartMs(HttpClient client, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(FuryProcess.Sample, "hello"))
        {
            Environment = { ["PORT"] = $"{Port}" },
            RedirectStandardOutput = true,
        })!;
        try
        {
            while (!await IsHealthy(client, cancellation))
            {
                if (clock.Elapsed > HealthyWithin)
                {
                    throw new TimeoutException($"The sample was not healthy within {HealthyWithin.TotalSeconds} s.");
                }

                await Task.Delay(2, cancellation);
            }

            return clock.Elapsed.TotalMilliseconds;
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static async Task<bool> IsHealthy(HttpClient client, CancellationToken cancellation)
    {
        try
        {
            using var answer = await client.GetAsync($"http://127.0.0.1:{Port}/health", cancellation);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
