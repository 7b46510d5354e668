namespace Fury.Providers.Gcp;

/// <summary>Compute Engine's filters. It takes one regular expression (RE2, over the whole field), or comparisons; never both. Pure.</summary>
internal static class Filters
{
    /// <param name="names">Checked: of small letters, digits and hyphens, which need no escape.</param>
    public static string Names(IEnumerable<string> names) => $"name eq \"{Either(names)}\"";

    /// <summary>Operations on these instances of a zone.</summary>
    public static string Targets(IEnumerable<string> names) => $"targetLink eq \".*/instances/{Either(names)}\"";

    /// <summary>Whatever its value.</summary>
    public static string HasLabel(string key) => $"labels.{key}:*";

    public static string Label(string key, string value) => $"labels.{key} = \"{value}\"";

    private static string Either(IEnumerable<string> names) => $"(?:{string.Join('|', names)})";
}
