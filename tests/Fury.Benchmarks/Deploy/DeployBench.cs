using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Fury.Deployments.Contracts;
using Fury.Kernel;
using Fury.Testing;

namespace Fury.Benchmarks.Deploy;

/// <summary>
/// All-in deployments of one local instance through the real host, each the first of a scope of its own: from the request to the end of its
/// event stream. The sample's own start-up, measured in turn with them, is taken off: what is left is the platform's share.
/// </summary>
internal static class DeployBench
{
    private const int Rounds = 15;

    public static async Task<BenchResult> Run(TextWriter output, CancellationToken cancellation)
    {
        await using var fury = await FuryProcess.Start();
        var platform = new Platform(fury);
        await platform.CreateHello(replicas: 1);
        await platform.Register("1.0.0");

        // Once unmeasured: a host that has never deployed compiles its code on the way.
        await Deploy(fury, "warm-up", cancellation);
        List<double> whole = [], sample = [];
        for (var round = 1; round <= Rounds; round++)
        {
            sample.Add(await SampleProcess.StartMs(fury.Client, cancellation));
            whole.Add(await Deploy(fury, $"bench-web{round}", cancellation));
            output.WriteLine($"round {round}: request to done {whole[^1]:0} ms, sample alone {sample[^1]:0} ms");
        }

        return new BenchResult(
            "deploy",
            new Dictionary<string, double>
            {
                ["requestToDoneMs"] = whole.Median(),
                ["sampleStartMs"] = sample.Median(),
                ["controlPlaneMs"] = whole.Zip(sample, (all, start) => all - start).Median(),
                ["controlPlaneMaxMs"] = whole.Zip(sample, (all, start) => all - start).Max(),
            },
            new Dictionary<string, double> { ["requestToDoneToSampleStart"] = whole.Zip(sample, (all, start) => all / start).Median() });
    }

    private static async Task<double> Deploy(FuryProcess fury, string scope, CancellationToken cancellation)
    {
        var path = $"{Platform.Scopes}/{scope}";
        using var created = await fury.Client.PutAsJsonAsync(path, new { minReplicas = 1 }, FuryJson.Options, cancellation);
        created.EnsureSuccessStatusCode();

        var clock = Stopwatch.StartNew();
        using var admitted = await fury.Client.PostAsJsonAsync(
            $"{path}/deployments", new DeploymentRequest("1.0.0", "all-in"), FuryJson.Options, cancellation);
        admitted.EnsureSuccessStatusCode();
        var deployment = JsonSerializer.Deserialize<Deployment>(await admitted.Content.ReadAsStringAsync(cancellation), FuryJson.Options)!;

        // The stream ends with the deployment.
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/deployments/{deployment.Id}/events");
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var stream = await fury.Client.SendAsync(request, cancellation);
        var events = await stream.Content.ReadAsStringAsync(cancellation);
        var taken = clock.Elapsed.TotalMilliseconds;
        return events.Contains("\"phase\":\"done\"", StringComparison.Ordinal)
            ? taken
            : throw new InvalidOperationException($"The deployment did not end well:\n{events}\n{fury.Log}");
    }
}
