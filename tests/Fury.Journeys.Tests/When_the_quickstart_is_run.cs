using System.Diagnostics;
using System.Text.Json;
using Fury.Testing;

namespace Fury.Journeys.Tests;

/// <summary>The main job as the front page shows it, twice on the same host, since a second run finds what the first one made.</summary>
public sealed class When_the_quickstart_is_run
{
    private static readonly TimeSpan EndsWithin = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task The_good_version_replaces_without_a_failure_and_the_bad_one_goes_back()
    {
        await using var fury = await FuryProcess.Start();
        await Tell(fury);
        await Tell(fury);
    }

    private static async Task Tell(FuryProcess fury)
    {
        using var quickstart = Process.Start(new ProcessStartInfo(
            Path.Combine(FuryProcess.Root, "src", "Fury.Cli", "bin", "Release", "net10.0", "fury"),
            ["quickstart", "--json", "--host", fury.Api.ToString(), "--sample", FuryProcess.Sample])
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
            ["1.0.0 all-in done", "1.1.0 blue-green done", "1.2.0 blue-green rolled-back"],
            story.GetProperty("deployments").EnumerateArray().Select(deployment =>
                $"{deployment.GetProperty("version")} {deployment.GetProperty("strategy")} {deployment.GetProperty("outcome")}"));
    }
}
