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
    public async Task The_good_version_replaces_the_bad_one_goes_back_the_good_one_moves_into_a_cluster_and_out_and_a_store_changes_without_a_failure()
    {
        var file = Path.GetTempFileName();
        await using var cluster = await LocalCluster.Cluster.Start(new() { Kubelet = KubeletMode.Process, Tls = true });
        await File.WriteAllTextAsync(file, cluster.Kubeconfig);
        await using var fury = await FuryProcess.Start();
        var shop = Path.Combine(FuryProcess.Root, "samples", "shop", "bin", "Release", "net10.0");
        var first = await Tell(fury, ["--shop", shop], FirstHalf);
        Assert.Equal(
            ["carts redis in 2 instances, 0 failed", "carts local in 2 instances, 0 failed"],
            first.GetProperty("switches").EnumerateArray().Select(seen =>
                $"{seen.GetProperty("service")} {seen.GetProperty("driver")} in {seen.GetProperty("instances")} instances, "
                + $"{seen.GetProperty("failed")} failed"));
        await Tell(fury, ["--kubeconfig", file], [.. FirstHalf, "1.1.0 to serverless blue-green done", "1.1.0 to standard blue-green done"]);
        File.Delete(file);
    }

    private static async Task<JsonElement> Tell(FuryProcess fury, string[] more, string[] expected)
    {
        var quickstart = await FuryCli.Run(fury, ["quickstart", "--json", "--sample", FuryProcess.Sample, .. more]).WaitAsync(EndsWithin);

        Assert.True(quickstart.ExitCode == 0, $"{quickstart.Errors}\n{quickstart.Output}\n{fury.Log}");
        var story = JsonDocument.Parse(quickstart.Output.TrimEnd().Split('\n')[^1]).RootElement;
        Assert.Equal(0, story.GetProperty("failed").GetInt64());
        Assert.True(story.GetProperty("requests").GetInt64() > 1000, quickstart.Output);
        Assert.Equal(
            expected,
            story.GetProperty("deployments").EnumerateArray().Select(deployment =>
                $"{deployment.GetProperty("name")} {deployment.GetProperty("strategy")} {deployment.GetProperty("outcome")}"));
        return story;
    }
}
