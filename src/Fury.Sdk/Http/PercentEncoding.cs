using System.Globalization;
using System.Text;

namespace Fury.Sdk.Http;

/// <summary>How names stand in addresses, and in what signatures are made of (RFC 3986 §2.1).</summary>
internal static class PercentEncoding
{
    /// <summary>As in a path or a query: all but letters, digits and <c>-._~</c> as <c>%XX</c> of their bytes in UTF-8.</summary>
    /// <param name="keepSlash">For paths.</param>
    public static string Encode(string text, bool keepSlash = false)
    {
        var encoded = new StringBuilder(text.Length + 16);
        foreach (var each in Encoding.UTF8.GetBytes(text))
        {
            _ = char.IsAsciiLetterOrDigit((char)each) || each is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~' || (keepSlash && each == (byte)'/')
                ? encoded.Append((char)each)
                : encoded.Append('%').Append(each.ToString("X2", CultureInfo.InvariantCulture));
        }

        return encoded.ToString();
    }

    /// <summary>With its question mark; empty where there is nothing to ask. What is null is left out.</summary>
    /// <param name="query">Not encoded.</param>
    public static string Query(params IEnumerable<(string Name, string? Value)> query)
    {
        var text = string.Join('&', query.Where(each => each.Value is not null).Select(each => $"{each.Name}={Encode(each.Value!)}"));
        return text.Length == 0 ? "" : "?" + text;
    }
}
