using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Fury.Testing.Clouds.Gcp;

/// <summary>The part of Compute Engine's filters that Fury uses; anything else is refused.</summary>
internal static partial class GceFilter
{
    public static Func<JsonObject, bool> Of(string? filter)
    {
        if (string.IsNullOrEmpty(filter))
        {
            return _ => true;
        }

        if (Expression().Match(filter) is { Success: true } pattern)
        {
            var (field, regex) = (pattern.Groups["field"].Value, new Regex($@"^(?:{pattern.Groups["value"].Value})\z", RegexOptions.NonBacktracking));
            return one => regex.IsMatch($"{one[field]}");
        }

        if (Label().Match(filter) is { Success: true } label)
        {
            var (key, value) = (label.Groups["key"].Value, label.Groups["value"].Value);
            return one => one["labels"]?[key] is { } has && $"{has}" == value;
        }

        if (AnyLabel().Match(filter) is { Success: true } any)
        {
            return one => one["labels"]?[any.Groups["key"].Value] is not null;
        }

        throw GoogleError.Invalid("filter", filter, "Invalid list filter expression.");
    }

    [GeneratedRegex("""^(?<field>name|targetLink) eq "(?<value>[^"]+)"\z""")]
    private static partial Regex Expression();

    [GeneratedRegex("""^labels\.(?<key>[a-z][a-z0-9_-]{0,62}) = "(?<value>[a-z0-9_-]{0,63})"\z""")]
    private static partial Regex Label();

    [GeneratedRegex("""^labels\.(?<key>[a-z][a-z0-9_-]{0,62}):\*\z""")]
    private static partial Regex AnyLabel();
}
