using System.Text.RegularExpressions;
using Fury.Cli.CommandLine;
using Fury.Deployments.Contracts;
using Fury.Kernel;

namespace Fury.Cli.Tests;

/// <summary>docs/cli.md tells of the commands that there are, and the examples of every page and those of the front page are right.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string[] Lines = File.ReadAllLines(Page("docs/cli.md"));

    [Fact]
    public void Every_example_parses()
    {
        var pages = Directory.EnumerateFiles(Page("docs"), "*.md").SelectMany(File.ReadAllLines);
        var examples = pages.Where(IsExample).ToList();

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

    /// <summary>Who begins reads these, and finds the way to all the others.</summary>
    [Fact]
    public void The_first_pages_are_linked_and_their_links_lead_somewhere()
    {
        var front = File.ReadAllText(Page("README.md"));
        Assert.All(["getting-started", "concepts", "strategies", "manifest"], name =>
        {
            Assert.Contains($"(docs/{name}.md)", front, StringComparison.Ordinal);
            var page = File.ReadAllText(Page($"docs/{name}.md"));
            Assert.All(Link().Matches(page), link => Assert.True(File.Exists(Page($"docs/{link.Groups[1].Value}")), $"{name}: {link.Value}"));
        });
    }

    [Fact]
    public void Every_strategy_is_told_of_with_how_to_say_it()
    {
        var sections = File.ReadAllText(Page("docs/strategies.md")).Split("\n## ");
        Assert.All(Word.All<Strategy>(), strategy =>
        {
            var section = Assert.Single(sections, section => section.StartsWith(strategy, StringComparison.OrdinalIgnoreCase));
            Assert.All(["**When**", "**How**", "**Costs**", "\nfury "], part => Assert.Contains(part, section, StringComparison.Ordinal));
            Assert.True(strategy == "rollback" || section.Contains($"strategy: {strategy}", StringComparison.Ordinal), strategy);
        });
    }

    private static bool IsExample(string line) =>
        line.StartsWith("fury ", StringComparison.Ordinal) || line.StartsWith("    fury ", StringComparison.Ordinal) || line.Contains("<(fury ");

    [GeneratedRegex(@"\]\(([^)#:]+)(#[^)]*)?\)")]
    private static partial Regex Link();

    /// <summary>The front page and every page of docs.</summary>
    internal static IEnumerable<string> Pages() => [Page("README.md"), .. Directory.EnumerateFiles(Page("docs"), "*.md")];

    internal static string Page(string name)
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
