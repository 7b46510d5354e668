using System.Text.RegularExpressions;
using Fury.Testing;

namespace Fury.Journeys.Tests.Acceptance;

/// <summary>docs/acceptance.md names a test for each scenario, and the test exists.</summary>
public sealed partial class MapTests
{
    private const int Scenarios = 25;

    private static readonly List<string[]> Rows =
    [
        .. File.ReadAllLines(Path.Combine(FuryProcess.Root, "docs", "acceptance.md"))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length > 2 && int.TryParse(cells[1], out _)),
    ];

    [Fact]
    public void Every_scenario_is_there_once() => Assert.Equal(Enumerable.Range(1, Scenarios), Rows.Select(cells => int.Parse(cells[1])));

    [Fact]
    public void Every_scenario_has_a_test_that_exists_or_says_why_not()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(FuryProcess.Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .ToLookup(file => Path.GetFileNameWithoutExtension(file), File.ReadAllText);
        Assert.All(Rows, cells =>
        {
            var tests = Tests().Matches(cells[3]);
            Assert.True(tests.Count > 0 || cells[3].StartsWith("to come: ", StringComparison.Ordinal) || cells[3] == "`./dev bench day`", cells[3]);
            Assert.All(tests, test => Assert.Contains(
                sources[test.Groups[1].Value], text => text.Contains($" {test.Groups[2].Value}(", StringComparison.Ordinal)));
        });
    }

    /// <summary><c>Class.Test</c>, as code.</summary>
    [GeneratedRegex(@"`(\w+)\.(\w+)`")]
    private static partial Regex Tests();
}
