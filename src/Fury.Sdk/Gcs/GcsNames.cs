using System.Text;

namespace Fury.Sdk.Gcs;

/// <summary>
/// Keys as names of objects, in the same order, so that a page of a listing is one of Cloud Storage. What it does not take is written otherwise: of the
/// characters <c>\t</c>, <c>\n</c>, <c>\f</c> and <c>\r</c> each becomes two, and so does a dot or a dash at the beginning, because the names <c>.</c> and
/// <c>..</c> and those that begin with <c>.well-known/acme-challenge/</c> are not to be had. A dash and then anything else begins the names of parts.
/// </summary>
internal static class GcsNames
{
    /// <summary>No key has such a name.</summary>
    public const string Parts = "-parts/";

    public static string Encode(string key)
    {
        var name = new StringBuilder(key.Length + 8);
        foreach (var each in key)
        {
            _ = each switch
            {
                '\t' => name.Append("\t1"),
                '\n' => name.Append("\t2"),
                '\f' => name.Append("\f1"),
                '\r' => name.Append("\f2"),
                '-' or '.' when name.Length == 0 => name.Append('-').Append(each),
                _ => name.Append(each),
            };
        }

        return name.ToString();
    }

    /// <summary>Null for what is no key: a part, or what somebody else has put there.</summary>
    public static string? Decode(string name)
    {
        var key = new StringBuilder(name.Length);
        for (var at = 0; at < name.Length; at++)
        {
            var (each, next) = (name[at], at + 1 < name.Length ? name[at + 1] : '\0');
            var decoded = (each, next) switch
            {
                ('\t', '1') => '\t',
                ('\t', '2') => '\n',
                ('\f', '1') => '\f',
                ('\f', '2') => '\r',
                ('-', '-' or '.') when at == 0 => next,
                ('\t' or '\f', _) or ('\n' or '\r', _) => '\0',
                ('-' or '.', _) when at == 0 => '\0',
                _ => each,
            };
            if (decoded == '\0')
            {
                return null;
            }

            at += decoded != each || each is '\t' or '\f' || (at == 0 && each == '-') ? 1 : 0;
            key.Append(decoded);
        }

        return key.ToString();
    }

    /// <summary>Whether Cloud Storage can cut names where keys are cut.</summary>
    public static bool IsPlain(char delimiter) => delimiter is not ('\t' or '\n' or '\f' or '\r' or '-' or '.');
}
