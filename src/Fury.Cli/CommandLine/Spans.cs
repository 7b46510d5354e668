using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Fury.Cli.CommandLine;

/// <summary>Options that take a span of time, in seconds.</summary>
internal static class Spans
{
    public static Option<int?> Option(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "10s|2m|1h",
        CustomParser = Seconds,
    };

    /// <summary>Null when it is no span.</summary>
    public static int? Seconds(string text)
    {
        var (digits, unit) = text.Length == 0 ? (text, 0) : text[^1] switch
        {
            's' => (text[..^1], 1),
            'm' => (text[..^1], 60),
            'h' => (text[..^1], 3600),
            _ => (text, 1),
        };
        if (int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= int.MaxValue / 3600)
        {
            return number * unit;
        }

        return null;
    }

    /// <summary>As it could have been written: <c>24h</c>, <c>90s</c>.</summary>
    public static string Text(int seconds) => seconds switch
    {
        >= 3600 when seconds % 3600 == 0 => $"{seconds / 3600}h",
        >= 60 when seconds % 60 == 0 => $"{seconds / 60}m",
        _ => $"{seconds}s",
    };

    private static int? Seconds(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (Seconds(text) is { } seconds)
        {
            return seconds;
        }

        result.AddError($"A span such as 10s, 2m or 1h was expected, not '{text}'.");
        return null;
    }
}
