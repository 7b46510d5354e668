using Fury.Cli.CommandLine;

namespace Fury.Cli.Tests;

/// <summary>docs/cli.md tells of the commands that there are, and its examples and those of the front page are right.</summary>
public sealed class DocumentationTests
{
    private static readonly string[] Lines = File.ReadAllLines(Page("docs/cli.md"));

    [Fact]
    public void Every_example_parses()
    {
        var examples = Lines.Where(line => line.StartsWith("fury ", StringComparison.Ordinal) || line.Contains("<(fury ")).ToList();

        Assert.True(examples.Count > 25, $"{examples.Count}");
        Assert.All(examples, UsageTests.AssertParses);
    }

    [Fact]
    public void Every_command_of_the_front_page_exists()
    {
        var tool = File.ReadAllText(Page("dev"));
        var commands = File.ReadAllLines(Page("README.md")).Where(line => line.StartsWith("./dev ", StringComparison.Ordinal))
            .Select(line => line.Split("   ")[0]["./dev ".Length..]).ToList();

        Assert.True(commands.Count >= 6, $"{commands.Count}");
        Assert.All(commands, command => Assert.Contains($"\n  {command.Split(' ')[0]}) ", tool));
        Assert.All(commands.Where(command => command.StartsWith("fury ", StringComparison.Ordinal)), UsageTests.AssertParses);
    }

    [Fact]
    public void Every_command_is_told_of()
    {
        var text = string.Join('\n', Lines);
        Assert.All(UsageTests.Leaves(CommandTree.Create()), command => Assert.Contains(CommandTree.Path(command), text));
    }

    [Fact]
    public void Every_exit_code_is_told_of()
    {
        var told = Lines.Where(line => line.StartsWith("| ", StringComparison.Ordinal))
            .Select(line => line.Split('|')[1].Trim())
            .Where(cell => int.TryParse(cell, out _))
            .Select(int.Parse);
        var codes = typeof(ExitCode).GetFields().Select(field => (int)field.GetRawConstantValue()!);

        Assert.Equal(codes.Order(), told.Order());
    }

    private static string Page(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Fury.sln")))
            {
                return Path.Combine(folder.FullName, name);
            }
        }

        throw new FileNotFoundException("Fury.sln is in no folder above the tests.");
    }
}
