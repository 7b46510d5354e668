using System.Globalization;
using System.Text;

namespace Fury.Cli.Output;

/// <summary>How values are written for people: the same on every machine, so that what is seen can be pasted and compared.</summary>
internal static class Plain
{
    public static string Time(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string Clock(DateTimeOffset at) => at.ToUniversalTime().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    public static string Seconds(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.0} s");

    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Text from elsewhere without control characters: a log line or a message must not be able to steer the terminal.</summary>
    public static string Text(string text)
    {
        if (!text.Any(char.IsControl))
        {
            return text;
        }

        var plain = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            plain.Append(char.IsControl(letter) && letter != '\t' ? '\uFFFD' : letter);
        }

        return plain.ToString();
    }
}
