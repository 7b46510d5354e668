using System.Globalization;

namespace Fury.Sdk.Http;

/// <summary>A part of an object as HTTP asks for it (RFC 9110 §14.1.2).</summary>
internal static class ByteRange
{
    /// <summary>E.g. <c>bytes=10-19</c>; null for all of it.</summary>
    /// <param name="length">At least 1; null: to the end.</param>
    public static string? Of(long offset, long? length)
    {
        var end = length is { } count && count <= long.MaxValue - offset ? (offset + count - 1).ToString(CultureInfo.InvariantCulture) : "";
        return offset == 0 && length is null ? null : $"bytes={offset.ToString(CultureInfo.InvariantCulture)}-{end}";
    }
}
