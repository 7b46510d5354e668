using System.CommandLine.Parsing;
using System.Diagnostics;
using Fury.Testing;

namespace Fury.Journeys.Tests;

/// <summary>docs/getting-started.md, typed line by line by somebody who has never seen Fury, in the folder that it names.</summary>
public sealed class When_the_first_page_is_followed
{
    private static readonly TimeSpan EndsWithin = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Each_command_does_what_the_page_says()
    {
        await using var fury = await FuryProcess.Start();
        var commands = File.ReadLines(Path.Combine(FuryProcess.Root, "docs", "getting-started.md"))
            .Where(line => line.StartsWith("fury ", StringComparison.Ordinal)).ToList();
        Assert.True(commands.Count >= 12, $"{commands.Count}");

        var said = new Dictionary<string, string>();
        foreach (var command in commands)
        {
            var (exitCode, output) = await Type(fury, command);
            Assert.True(exitCode == 0, $"{command} ended with {exitCode}:\n{output}\n{fury.Log}");
            said[command] = output;
        }

        Assert.Contains("Done: 8", said["fury apply"], StringComparison.Ordinal);
        Assert.Contains("Nothing to do: 8 as they are.", said["fury diff"], StringComparison.Ordinal);
        Assert.Contains("1.0.0 (release", said["fury status"], StringComparison.Ordinal);
        Assert.Contains("1.1.0 done after", said["fury deploy 1.1.0 --watch"], StringComparison.Ordinal);
        Assert.Contains("shop/production-web: 1.1.0 by blue-green is done", said["fury why"], StringComparison.Ordinal);
        Assert.Contains("1.0.0 done after", said["fury rollback --watch"], StringComparison.Ordinal);
    }

    /// <summary>What it has printed, on both.</summary>
    private static async Task<(int ExitCode, string Output)> Type(FuryProcess host, string command)
    {
        var program = Path.Combine(FuryProcess.Root, "src", "Fury.Cli", "bin", "Release", "net10.0", "fury");
        using var fury = Process.Start(new ProcessStartInfo(program, CommandLineParser.SplitCommandLine(command).Skip(1))
        {
            WorkingDirectory = Path.Combine(FuryProcess.Root, "samples", "shop"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["FURY_HOST"] = host.Api.ToString() },
        })!;
        var errors = fury.StandardError.ReadToEndAsync();
        var output = await fury.StandardOutput.ReadToEndAsync().WaitAsync(EndsWithin);
        await fury.WaitForExitAsync().WaitAsync(EndsWithin);
        return (fury.ExitCode, output + await errors);
    }
}
