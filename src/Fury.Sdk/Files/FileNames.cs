using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Fury.Sdk.Files;

/// <summary>
/// Names of files for any text: lower-case letters, digits, dashes, dots and underscores are themselves, all other bytes of UTF-8 are <c>%xx</c>.
/// So names differ where case does not count, lead nowhere, and are none that a system keeps for itself. What is too long for a file system has its
/// SHA-256 instead.
/// </summary>
internal static class FileNames
{
    private const string Plain = "k-";
    private const string Hashed = "h-";
    private const int LengthMax = 240;

    private static readonly SearchValues<byte> Kept = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-._"u8);

    public static string Encode(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var name = new StringBuilder(Plain, LengthMax);
        foreach (var each in bytes)
        {
            _ = Kept.Contains(each) ? name.Append((char)each) : name.Append('%').Append(each.ToString("x2", CultureInfo.InvariantCulture));
            if (name.Length > LengthMax)
            {
                return Hashed + Convert.ToHexStringLower(SHA256.HashData(bytes));
            }
        }

        return name.ToString();
    }

    /// <summary>Null for a name that does not tell it.</summary>
    public static string? Decode(string name) => name.StartsWith(Plain, StringComparison.Ordinal) ? Uri.UnescapeDataString(name[Plain.Length..]) : null;
}
