using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Fury.LocalCluster;

/// <summary>What names and labels may look like.</summary>
internal static partial class Names
{
    public const int LengthMax = 253;
    public const int LabelLengthMax = 63;

    /// <summary>How much of <c>generateName</c> is kept, so that a generated name still fits a label.</summary>
    private const int PrefixLengthMax = 58;

    private const int SuffixLength = 5;

    /// <summary>Without vowels and without signs that are easily mixed up, so that no words come out.</summary>
    private const string SuffixSigns = "bcdfghjklmnpqrstvwxz2456789";

    public static bool IsName(string name) => name.Length <= LengthMax && Subdomain().IsMatch(name);

    /// <summary>As namespaces and services must be named.</summary>
    public static bool IsLabelName(string name) => name.Length <= LabelLengthMax && DnsLabel().IsMatch(name);

    public static bool IsLabelKey(string key) => key.Split('/') switch
    {
        [var name] => IsQualified(name),
        [var prefix, var name] => IsName(prefix) && IsQualified(name),
        _ => false,
    };

    public static bool IsLabelValue(string value) => value.Length == 0 || IsQualified(value);

    /// <summary>A name that begins with the prefix, and is very likely not there yet.</summary>
    public static string Generate(string prefix) =>
        (prefix.Length > PrefixLengthMax ? prefix[..PrefixLengthMax] : prefix) + RandomNumberGenerator.GetString(SuffixSigns, SuffixLength);

    private static bool IsQualified(string name) => name.Length is > 0 and <= LabelLengthMax && Qualified().IsMatch(name);

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex DnsLabel();

    [GeneratedRegex(@"^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z")]
    private static partial Regex Qualified();
}
