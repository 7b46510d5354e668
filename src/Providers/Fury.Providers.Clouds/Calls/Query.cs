namespace Fury.Providers.Clouds;

/// <summary>The part of an address behind its path.</summary>
internal static class Query
{
    /// <summary><c>?name=value&amp;…</c>, without those that are null.</summary>
    public static string Of(params IEnumerable<(string Name, object? Value)> parts)
    {
        var written = parts.Where(part => part.Value is not null).Select(part => $"{part.Name}={Uri.EscapeDataString($"{part.Value}")}").ToList();
        return written.Count == 0 ? "" : $"?{string.Join('&', written)}";
    }
}
