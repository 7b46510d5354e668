using System.Diagnostics;
using Fury.Testing;

namespace Fury.Benchmarks.Start;

/// <summary>
/// <c>./dev up</c> as a person types it, everything built: from the start of the process to the line that says it is up, which it prints once
/// the host is healthy. The baseline is the sample application, which is as little as an ASP.NET process can be.
/// </summary>
internal static class StartBench
{
    private const int Rounds = 5;
    private static readonly TimeSpan UpWithin = TimeSpan.FromSeconds(90);

    public static async Task<BenchResult> Run(TextWriter output, CancellationToken cancellation)
    {
        List<double> first = [], later = [], sample = [];
        using var client = new HttpClient();
        for (var round = 1; round <= Rounds; round++)
        {
            var folder = FuryProcess.NewFolder();
            first.Add(await UpSeconds(folder, cancellation));
            later.Add(await UpSeconds(folder, cancellation));
            sample.Add(await SampleProcess.StartMs(client, cancellation) / 1000);
            output.WriteLine($"round {round}: first {first[^1]:0.00} s, later {later[^1]:0.00} s, sample {sample[^1]:0.00} s");
            Directory.Delete(folder, recursive: true);
        }

        return new BenchResult(
            "start",
            new Dictionary<string, double>
            {
                ["firstStartSeconds"] = first.Median(),
                ["laterStartSeconds"] = later.Median(),
                ["sampleStartSeconds"] = sample.Median(),
            },
            new Dictionary<string, double>
            {
                ["firstStartToSample"] = first.Zip(sample, (fury, bare) => fury / bare).Median(),
                ["laterStartToSample"] = later.Zip(sample, (fury, bare) => fury / bare).Median(),
            });
    }

    private static async Task<double> UpSeconds(string folder, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        using var up = Process.Start(new ProcessStartInfo(Path.Combine(FuryProcess.Root, "dev"))
        {
            ArgumentList =
            {
                "up", "--data", Path.Combine(folder, "data"), "--listen", "http://127.0.0.1:17080",
                "--Sidecar:Listen=http://127.0.0.1:17081", "--Mesh:Xds:Listen=http://127.0.0.1:17082",
            },
            RedirectStandardOutput = true,
        })!;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(UpWithin);
        var line = await up.StandardOutput.ReadLineAsync(deadline.Token);
        var seconds = clock.Elapsed.TotalSeconds;
        using var stop = Process.Start("kill", ["-TERM", $"{up.Id}"]);
        await up.WaitForExitAsync(CancellationToken.None);
        return line?.StartsWith("Fury is up", StringComparison.Ordinal) == true
            ? seconds
            : throw new InvalidOperationException("./dev up did not come up; its errors are above.");
    }
}
