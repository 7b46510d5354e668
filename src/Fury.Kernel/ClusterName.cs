using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Fury.Kernel;

/// <summary>The name of a cluster, as operators know it, e.g. <c>eu-west-1-blue</c>.</summary>
[JsonConverter(typeof(NameJson<ClusterName>))]
public readonly partial record struct ClusterName : IName<ClusterName>
{
    private ClusterName(string value) => Value = value;

    public string Value { get; }

    public static string Expected => "2 to 60 lower-case letters, digits or hyphens, starting with a letter and not ending with a hyphen";

    public static ClusterName Parse(string? text) => Names.Parse<ClusterName>(text);

    public static bool TryParse(string? text, out ClusterName name)
    {
        name = text is { Length: <= 60 } && Pattern().IsMatch(text) ? new(text) : default;
        return name.Value is not null;
    }

    public override string ToString() => Value;

    [GeneratedRegex(@"^[a-z][a-z0-9-]*[a-z0-9]\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}
