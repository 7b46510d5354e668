using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Fury.Testing;

namespace Fury.Host.Tests;

/// <summary>The page of known advisories is about the versions that are pinned.</summary>
public sealed partial class AdvisoriesPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(FuryProcess.Root, "docs", "advisories.md"));

    [Fact]
    public void Every_pinned_package_has_a_row_with_its_version_and_there_are_no_others()
    {
        var rows = Row().Matches(Page).Select(row => (row.Groups[1].Value, row.Groups[2].Value)).Order().ToList();

        Assert.Equal(Pinned().Order().ToList(), rows);
    }

    [Fact]
    public void It_says_when_it_was_checked()
    {
        var date = Checked().Match(Page);

        Assert.True(DateOnly.TryParseExact(date.Groups[1].Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _));
    }

    private static IEnumerable<(string Name, string Version)> Pinned()
    {
        var packages = XDocument.Load(Path.Combine(FuryProcess.Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .Select(package => ((string)package.Attribute("Include")!, (string)package.Attribute("Version")!));
        // Not a reference of the usual kind, since it brings too much with it.
        var downloads = XDocument.Load(Path.Combine(FuryProcess.Root, "src", "Fury.Sidecar", "Fury.Sidecar.csproj")).Descendants("PackageDownload")
            .Select(package => ((string)package.Attribute("Include")!, ((string)package.Attribute("Version")!).Trim('[', ']')));
        using var web = JsonDocument.Parse(File.ReadAllText(Path.Combine(FuryProcess.Root, "src", "Fury.Web", "package.json")));
        return [.. packages, .. downloads, .. Of("dependencies"), .. Of("devDependencies")];

        List<(string, string)> Of(string section) =>
            [.. web.RootElement.GetProperty(section).EnumerateObject().Select(package => (package.Name, package.Value.GetString()!))];
    }

    [GeneratedRegex(@"^\| `([^`]+)` \| ([^ |]+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^Checked on ([0-9-]+):", RegexOptions.Multiline)]
    private static partial Regex Checked();
}
