using Fury.Sdk.Checks;

namespace Fury.Sdk.Objects;

/// <summary>What of a listing comes after what, for drivers whose provider does not know.</summary>
internal static class ListingOrder
{
    /// <summary>Whether a key belongs to what is listed after the given one; after a folder means after all that is in it.</summary>
    public static bool IsNext(string key, string prefix, char? delimiter, string? after) =>
        key.StartsWith(prefix, StringComparison.Ordinal)
        && (after is null || (Utf8Order.Instance.Compare(key, after) > 0
            && !(IsFolder(after, prefix, delimiter) && key.StartsWith(after, StringComparison.Ordinal))));

    public static bool IsFolder(string? key, string prefix, char? delimiter) =>
        delimiter is { } mark && key is not null && key.Length > prefix.Length && key.EndsWith(mark);

    /// <summary>The folder that a key is shown as, with its delimiter; null where it is shown as itself.</summary>
    public static string? FolderOf(string key, string prefix, char? delimiter) =>
        delimiter is { } mark && key.IndexOf(mark, prefix.Length) is >= 0 and var cut ? key[..(cut + 1)] : null;
}
