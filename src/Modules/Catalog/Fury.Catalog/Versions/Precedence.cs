using System.Text;
using Fury.Kernel;

namespace Fury.Catalog.Versions;

/// <summary>
/// Semantic Versioning's precedence (semver.org §11) as a text that sorts by its bytes, so that an index can keep it. A number is its length
/// and its digits. No pre-release sorts behind every pre-release ('~'); '!' ends an identifier and sorts before all that an identifier may
/// hold. Build metadata, which has no say in precedence, comes last behind a blank, so that no two versions have the same text.
/// </summary>
internal static class Precedence
{
    public static string Of(VersionName version)
    {
        var (rest, build) = Cut(version.Value, '+');
        var (core, preRelease) = Cut(rest, '-');
        var text = new StringBuilder();
        foreach (var number in core.Split('.'))
        {
            text.Append(Number(number));
        }

        if (preRelease is null)
        {
            text.Append('~');
        }
        else
        {
            text.Append('-');
            foreach (var identifier in preRelease.Split('.'))
            {
                text.Append(identifier.All(char.IsAsciiDigit) ? $"0{Number(identifier)}!" : $"1{identifier}!");
            }
        }

        return build is null ? text.ToString() : text.Append(' ').Append(build).ToString();
    }

    /// <summary>Two digits of length are enough: a version has at most 60 characters.</summary>
    private static string Number(string digits) => $"{digits.Length:00}{digits}";

    private static (string Head, string? Tail) Cut(string text, char at) =>
        text.IndexOf(at) is var index and >= 0 ? (text[..index], text[(index + 1)..]) : (text, null);
}
