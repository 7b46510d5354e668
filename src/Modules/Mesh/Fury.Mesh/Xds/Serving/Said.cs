namespace Fury.Mesh.Xds;

/// <summary>
/// What clients say, where it is kept and told on: a few characters, and none of control (PostgreSQL takes no zero byte, and one in the words of one
/// proxy would keep the whole host's news from being put on record).
/// </summary>
internal static class Said
{
    /// <summary>A name by which something is found; it is taken as it is, or not at all.</summary>
    public static bool IsName(string text, int charsMax) => text.Length <= charsMax && !text.Any(char.IsControl);

    /// <summary>Words for people, cut where they are long.</summary>
    public static string Words(string text, int charsMax)
    {
        var cut = text.Length > charsMax ? string.Concat(text.AsSpan(0, charsMax), "...") : text;
        return cut.Any(char.IsControl) ? string.Concat(cut.Select(each => char.IsControl(each) ? ' ' : each)) : cut;
    }
}
