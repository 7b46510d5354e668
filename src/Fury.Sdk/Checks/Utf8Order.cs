namespace Fury.Sdk.Checks;

/// <summary>
/// The order of the bytes of UTF-8, which is that of code points. It differs from <see cref="StringComparer.Ordinal"/> where characters beyond
/// U+FFFF meet those from U+E000 on. All listings have it.
/// </summary>
public sealed class Utf8Order : IComparer<string>
{
    private Utf8Order()
    {
    }

    public static Utf8Order Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        if (x is null || y is null)
        {
            return (x is null ? 0 : 1) - (y is null ? 0 : 1);
        }

        var same = x.AsSpan().CommonPrefixLength(y);
        return same == x.Length || same == y.Length ? x.Length - y.Length : Rank(x[same]) - Rank(y[same]);
    }

    /// <summary>Surrogates, which stand for what is beyond U+FFFF, after all others.</summary>
    private static int Rank(char value) => char.IsSurrogate(value) ? value + 0x10000 : value;
}
