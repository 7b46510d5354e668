using System.Runtime.CompilerServices;
using Xunit;

namespace Fury.Testing;

/// <summary>Examples of pages that stand in a test, so that they compile, run, and are those on the page.</summary>
public static class PageExample
{
    /// <summary>The page has just what stands in the calling file between <c>// docs: name</c> and <c>// docs: end</c>.</summary>
    /// <param name="page">From the root, e.g. <c>docs/sdk.md</c>.</param>
    public static void IsOn(string page, string name, [CallerFilePath] string file = "")
    {
        var lines = File.ReadAllLines(file).SkipWhile(line => line.Trim() != $"// docs: {name}").Skip(1)
            .TakeWhile(line => line.Trim() != "// docs: end").ToList();
        Assert.NotEmpty(lines);
        var indent = lines.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        var example = string.Join('\n', lines.Select(line => line.Length < indent ? line : line[indent..]));
        Assert.Contains(example, File.ReadAllText(Path.Combine(FuryProcess.Root, page)), StringComparison.Ordinal);
    }
}
