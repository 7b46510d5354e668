using System.Text.RegularExpressions;

namespace Fury.Architecture.Tests;

/// <summary>The taste of the house where a compiler has none. Pure functions that yield one sentence for each violation.</summary>
internal static partial class Tidy
{
    public const int FileLinesMax = 300;
    public const int LineLengthMax = 160;

    /// <summary>Words that may not stand in C#, each with what is right. Code that must use one says so on the line: <c>// tidy: reason</c>.</summary>
    private static readonly (Regex Word, string Instead, bool InTestsToo)[] Banned =
    [
        (Now(), "time is given: take a TimeProvider", true),
        (Chance(), "chance is given: take a seeded Random", true),
        (NewGuid(), "ids are UUIDv7: Guid.CreateVersion7 with the clock's time", false),
        (Unbounded(), "few are opened at a time: database.Open(cancellation)", false),
        (Sleep(), "no thread sleeps: wait for a condition, or for the clock's timer", true),
        (Unfinished(), "finish it, or say in the docs that it is not there", true),
        (Region(), "a file that needs regions is two files", true),
    ];

    public static IEnumerable<string> LongFiles(IEnumerable<SourceFile> files) =>
        from file in files
        where IsCode(file) && file.Lines.Count > FileLinesMax
        select $"{file.Path} has {file.Lines.Count} lines; at most {FileLinesMax}.";

    public static IEnumerable<string> LongLines(IEnumerable<SourceFile> files) =>
        from file in files
        where IsCode(file)
        from line in file.Lines.Index()
        where line.Item.Length > LineLengthMax && !line.Item.Contains("GeneratedRegex") && !line.Item.TrimStart().StartsWith("@\"")
        select $"{file.Path}:{line.Index + 1} has {line.Item.Length} characters; at most {LineLengthMax}.";

    public static IEnumerable<string> BannedWords(IEnumerable<SourceFile> files) =>
        from file in files
        where file.Path.EndsWith(".cs", StringComparison.Ordinal) && !file.Path.Contains("Architecture.Tests")
        from line in file.Lines.Index()
        where !line.Item.Contains("// tidy:")
        from banned in Banned
        where banned.Word.IsMatch(line.Item) && (banned.InTestsToo || !file.Path.StartsWith("tests/", StringComparison.Ordinal))
        select $"{file.Path}:{line.Index + 1}: {banned.Instead}: {line.Item.Trim()}";

    /// <summary>System first and then by name, as the tools of the language sort them; what has an alias is not looked at.</summary>
    public static IEnumerable<string> UnsortedUsings(IEnumerable<SourceFile> files) =>
        from file in files
        where file.Path.EndsWith(".cs", StringComparison.Ordinal)
        let usings = file.Lines.TakeWhile(line => line.Length == 0 || line.StartsWith("using ") || line.StartsWith("//"))
            .Where(line => PlainUsing().IsMatch(line)).ToList()
        from pair in usings.Zip(usings.Skip(1))
        where string.Compare(PlaceOf(pair.First), PlaceOf(pair.Second), StringComparison.OrdinalIgnoreCase) > 0
        select $"{file.Path}: '{pair.Second}' stands after '{pair.First}'.";

    /// <summary>One title a document, and every relative link leads somewhere.</summary>
    public static IEnumerable<string> BrokenDocuments(IEnumerable<SourceFile> files, Func<string, bool> exists)
    {
        foreach (var file in files.Where(file => file.Path.EndsWith(".md", StringComparison.Ordinal)))
        {
            var prose = OutsideFences(file.Lines).ToList();
            if (prose.Count(line => line.StartsWith("# ", StringComparison.Ordinal)) != 1)
            {
                yield return $"{file.Path} must have exactly one title.";
            }

            foreach (var target in prose.SelectMany(line => Link().Matches(line)).Select(match => match.Groups["target"].Value))
            {
                var path = target.Split('#')[0];
                if (path.Length > 0 && !target.Contains("://") && !exists(Path.Combine(Path.GetDirectoryName(file.Path)!, path)))
                {
                    yield return $"{file.Path} links to {target}, which is not there.";
                }
            }
        }
    }

    private static bool IsCode(SourceFile file) => !file.Path.EndsWith(".md", StringComparison.Ordinal);

    private static IEnumerable<string> OutsideFences(IEnumerable<string> lines)
    {
        var fenced = false;
        foreach (var line in lines)
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                fenced = !fenced;
            }
            else if (!fenced)
            {
                yield return line;
            }
        }
    }

    /// <summary>Part by part: a point sorts before any letter.</summary>
    private static string PlaceOf(string line) => (line.StartsWith("using System") ? "0" : "1") + line.TrimEnd(';').Replace('.', ' ');

    [GeneratedRegex(@"^using [A-Za-z][\w.]*;$")]
    private static partial Regex PlainUsing();

    [GeneratedRegex(@"\bDateTime(Offset)?\.(Utc)?Now\b")]
    private static partial Regex Now();

    [GeneratedRegex(@"\bRandom\.Shared\b|\bnew Random\(\)")]
    private static partial Regex Chance();

    [GeneratedRegex(@"\bGuid\.NewGuid\b")]
    private static partial Regex NewGuid();

    [GeneratedRegex(@"\b_?database\.Source\.OpenConnectionAsync\b")]
    private static partial Regex Unbounded();

    [GeneratedRegex(@"\bThread\.Sleep\b")]
    private static partial Regex Sleep();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|NotImplementedException")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"^\s*#region\b")]
    private static partial Regex Region();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();
}
