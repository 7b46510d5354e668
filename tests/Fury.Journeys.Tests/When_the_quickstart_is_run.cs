using System.Diagnostics;
using System.Text.Json;
using Fury.LocalCluster;
using Fury.Testing;

namespace Fury.Journeys.Tests;

/// <summary>The main job as the front page shows it, twice on the same host, since a second run finds what the first one made.</summary>
public sealed class When_the_quickstart_is_run
{
    private static readonly TimeSpan EndsWithin = TimeSpan.FromMinutes(4);

    private static readonly string[] FirstHalf = ["1.0.0 all-in done", "1.1.0 blue-green done", "1.2.0 blue-green rolled-back"];

    [Fact]
    public async Task The_good_version_replaces_without_a_failure_and_the_bad_one_goes_back()
    {
        await using var fury = await FuryProcess.Start();
        await Tell(fury, [], FirstHalf);
    }

    [Fact]
    public async Task With_a_cluster_the_sample_moves_into_it_and_back_without_a_failure_and_a_second_run_finds_what_the_first_has_made()
    {
        var file = Path.GetTempFileName();
        await using var cluster = await LocalCluster.Cluster.Start(new() { Kubelet = KubeletMode.Process, Tls = true });
        await File.WriteAllTextAsync(file, cluster.Kubeconfig);
        await using var fury = await FuryProcess.Start();
        string[] moved = [.. FirstHalf, "1.1.0 to serverless blue-green done", "1.1.0 to standard blue-green done"];
        await Tell(fury, ["--kubeconfig", file], moved);
        await Tell(fury, ["--kubeconfig", file], moved);
        File.Delete(file);
    }

    private static async Task Tell(FuryProcess fury, string[] more, string[] expected)
    {
        using var quickstart = Process.Start(new ProcessStartInfo(
            Path.Combine(FuryProcess.Root, "src", "Fury.Cli", "bin", "Release", "net10.0", "fury"),
            ["quickstart", "--json", "--host", fury.Api.ToString(), "--sample", FuryProcess.Sample, .. more])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = quickstart.StandardError.ReadToEndAsync();
        var output = await quickstart.StandardOutput.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(EndsWithin);
        await quickstart.WaitForExitAsync(deadline.Token);

        Assert.True(quickstart.ExitCode == 0, $"{await errors}\n{output}\n{fury.Log}");
        var story = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]).RootElement;
        Assert.Equal(0, story.GetProperty("failed").GetInt64());
        Assert.True(story.GetProperty("requests").GetInt64() > 1000, output);
        Assert.Equal(
            expected,
            story.GetProperty("deployments").EnumerateArray().Select(deployment =>
                $"{deployment.GetProperty("name")} {deployment.GetProperty("strategy")} {deployment.GetProperty("outcome")}"));
    }
}
