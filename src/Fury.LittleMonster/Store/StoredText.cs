using System.Text;

namespace Fury.LittleMonster;

/// <summary>What PostgreSQL's <c>text</c> can hold: no NUL, and no half of a surrogate pair, which has no UTF-8.</summary>
internal static class StoredText
{
    private const string Cut = "…";

    public static bool Fits(string text) => !text.Contains('\0', StringComparison.Ordinal) && IsWhole(text);

    /// <summary>The same text, or the nearest to it that can be held; nobody reads more than <paramref name="lengthMax"/> of it.</summary>
    public static string Of(string text, int lengthMax = int.MaxValue)
    {
        var fitting = text.Length <= lengthMax ? text.Replace('\0', ' ') : text[..lengthMax].Replace('\0', ' ') + Cut;
        return IsWhole(fitting) ? fitting : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(fitting));
    }

    private static bool IsWhole(string text) =>
        text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') < 0 || Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text;
}
