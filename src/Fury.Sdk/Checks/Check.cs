using System.Buffers;
using System.Globalization;
using System.Text;

namespace Fury.Sdk.Checks;

/// <summary>
/// What a call is held against before any I/O. Each refusal names the field, shows the value (shortened, control characters escaped) and says what
/// would be right. Bodies and secrets are never shown, only their sizes.
/// </summary>
internal static class Check
{
    private const int ShownCharsMax = 80;

    private static readonly SearchValues<char> Surrogates = SearchValues.Create([.. Enumerable.Range(0xD800, 0x800).Select(each => (char)each)]);

    /// <summary>A key or name: 1 to so many bytes of UTF-8, any character but NUL.</summary>
    public static void Key(string field, string? value, int bytesMax = 1024)
    {
        if (string.IsNullOrEmpty(value))
        {
            throw Failure.Invalid($"{field} is empty; it must have 1 to {bytesMax} bytes of UTF-8.");
        }

        // Almost every key is short enough whatever it holds, and has no surrogates: no need to count its bytes.
        if (value.Length * 3 > bytesMax && Encoding.UTF8.GetByteCount(value) is var bytes && bytes > bytesMax)
        {
            throw Failure.Invalid($"{field} {Show(value)} has {bytes} bytes of UTF-8; at most {bytesMax}.");
        }

        if (value.Contains('\0'))
        {
            throw Failure.Invalid($"{field} {Show(value)} holds a NUL character at {value.IndexOf('\0')}; any other is right.");
        }

        if (value.AsSpan().ContainsAny(Surrogates) && LoneSurrogate(value) is { } at)
        {
            throw Failure.Invalid($"{field} {Show(value)} holds half a surrogate pair at {at}, which is no text of Unicode.");
        }
    }

    /// <summary>The name of a service: lower-case letters, digits, dashes; for a subscription the topic's, a slash, its own.</summary>
    public static void ServiceName(string? value)
    {
        const string Right = "1 to 100 lower-case letters, digits and dashes, at most one slash between, e.g. 'orders' or 'orders/billing'";
        if (string.IsNullOrEmpty(value) || value.Length > 100 || value.Split('/') is { Length: > 2 } || value.Split('/').Any(part => !IsLabel(part)))
        {
            throw Failure.Invalid($"The name of a service {Show(value)} must be {Right}.");
        }
    }

    public static void Size(string field, long bytes, long most, string instead)
    {
        if (bytes > most)
        {
            throw Failure.TooLarge(field, bytes, most, instead);
        }
    }

    public static void Between(string field, TimeSpan? value, TimeSpan least, TimeSpan most)
    {
        if (value is { } given && (given < least || given > most))
        {
            throw Failure.Invalid($"{field} is {Text(given)}; it must be {Text(least)} to {Text(most)}.");
        }
    }

    public static void Between(string field, long? value, long least, long most)
    {
        if (value is { } given && (given < least || given > most))
        {
            throw Failure.Invalid($"{field} is {Text(given)}; it must be {Text(least)} to {Text(most)}.");
        }
    }

    public static void NotNull(string field, object? value)
    {
        if (value is null)
        {
            throw Failure.Invalid($"{field} is null.");
        }
    }

    /// <summary>Options that hold for every kind of call.</summary>
    public static void Options(CallOptions? options)
    {
        if (options is not null)
        {
            Between("Timeout", options.Timeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1));
            Between("MaxAttempts", options.MaxAttempts, 1, 100);
        }
    }

    /// <summary>A value as an error may show it.</summary>
    public static string Show(string? value)
    {
        if (value is null)
        {
            return "(null)";
        }

        var text = new StringBuilder("'");
        foreach (var each in value.AsSpan(0, Math.Min(value.Length, ShownCharsMax)))
        {
            _ = char.IsControl(each) || char.IsSurrogate(each)
                ? text.Append(CultureInfo.InvariantCulture, $"\\u{(int)each:x4}")
                : text.Append(each);
        }

        return text.Append(value.Length > ShownCharsMax ? "…'" : "'").ToString();
    }

    private static bool IsLabel(string part) =>
        part is [not '-', ..] and [.., not '-'] && part.All(each => char.IsAsciiLetterLower(each) || char.IsAsciiDigit(each) || each == '-');

    private static string Text(TimeSpan value) => value.ToString("c", CultureInfo.InvariantCulture);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static int? LoneSurrogate(string value)
    {
        for (var at = 0; at < value.Length; at++)
        {
            if (char.IsHighSurrogate(value[at]) && at + 1 < value.Length && char.IsLowSurrogate(value[at + 1]))
            {
                at++;
            }
            else if (char.IsSurrogate(value[at]))
            {
                return at;
            }
        }

        return null;
    }
}
