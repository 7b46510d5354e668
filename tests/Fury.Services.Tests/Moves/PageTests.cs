using System.Runtime.CompilerServices;
using Fury.Catalog.Contracts;
using Fury.Cli.CommandLine;

namespace Fury.Services.Tests.Moves;

/// <summary>The commands of <c>docs/sdk.md</c> about moves, against a platform.</summary>
[Collection(MovesFixture.Name)]
public sealed class PageTests(MovesFixture platform)
{
    [Fact]
    public async Task The_commands_of_the_page_move_a_store_show_it_and_say_that_it_is_too_late_to_turn_round()
    {
        await platform.Service("hello", ServiceKind.KeyValue, new("local", "local", null, "local", "page", null));
        await using var mover = await platform.Mover("page");
        var commands = File.ReadLines(Page()).Where(line => line.StartsWith("fury service move", StringComparison.Ordinal)).ToList();
        Assert.Equal(4, commands.Count);

        var moved = await Run(commands[0]);
        var shown = await Run(commands[1]);
        var back = await Run(commands[2]);
        var left = await Run(commands[3]);

        Assert.True(moved.ExitCode == ExitCode.Ok, moved.Error);
        Assert.EndsWith("moved\n", moved.Out, StringComparison.Ordinal);
        Assert.Contains("local (page)", shown.Out, StringComparison.Ordinal);
        Assert.Contains("redis (carts)", shown.Out, StringComparison.Ordinal);
        Assert.NotEqual(ExitCode.Ok, back.ExitCode);
        Assert.Contains("The move of key-value hello/production-web/carts is over: moved.", back.Error, StringComparison.Ordinal);
        Assert.True(left.ExitCode == ExitCode.Ok, left.Error);
        Assert.Contains("carts leaves redis (carts) at once. Left out: source-is-reachable, ", left.Out, StringComparison.Ordinal);
        Assert.Contains("What may be lost: All that is not in the target already", left.Out, StringComparison.Ordinal);
    }

    private async Task<(int ExitCode, string Out, string Error)> Run(string command)
    {
        var words = command.Replace("redis://127.0.0.1:6379", platform.Redis.Endpoint.OriginalString, StringComparison.Ordinal).Split(' ')[1..];
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await CommandTree.Run(["--host", platform.Client.BaseAddress!.GetLeftPart(UriPartial.Authority), .. words], output, error);
        return (exitCode, output.ToString(), error.ToString());
    }

    private static string Page([CallerFilePath] string file = "") => Path.Combine(Path.GetDirectoryName(file)!, "../../../docs/sdk.md");
}
