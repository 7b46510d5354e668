using System.Globalization;
using System.Text;

namespace Fury.Sdk.Azure;

/// <summary>
/// Keys as names of blobs. Azure and what stands before it take some names for others (folders that are dots, doubled slashes), and its listings cannot
/// show all characters; so what is not a letter, a digit, <c>-</c>, <c>_</c>, a dot within a name or a slash between names is <c>~XX</c>. What begins a
/// key begins its name too, so that prefixes stay prefixes.
/// </summary>
internal static class BlobNames
{
    private const char Mark = '~';

    public static string Encode(string key)
    {
        var name = new StringBuilder(key.Length);
        var before = '/';
        foreach (var each in key)
        {
            var plain = char.IsAsciiLetterOrDigit(each) || each is '-' or '_' or > '\u009f'
                || (each == '.' && before is not ('.' or '/')) || (each == '/' && before != '/');
            _ = plain ? name.Append(each) : name.Append(Mark).Append(((int)each).ToString("X2", CultureInfo.InvariantCulture));
            before = each;
        }

        return name.ToString();
    }

    public static string Decode(string name)
    {
        var key = new StringBuilder(name.Length);
        for (var at = 0; at < name.Length; at++)
        {
            if (name[at] == Mark && int.TryParse(name.AsSpan(at + 1, Math.Min(2, name.Length - at - 1)), NumberStyles.HexNumber, null, out var code))
            {
                key.Append((char)code);
                at += 2;
            }
            else
            {
                key.Append(name[at]);
            }
        }

        return key.ToString();
    }
}
